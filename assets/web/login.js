// Small comforts of the log-in. Without this script the form works all the same.
'use strict';

(() => {
  const form = document.getElementById('login');
  form.addEventListener('submit', e => {
    if (form.dataset.sent) e.preventDefault();
    form.dataset.sent = 'yes';
  });
  // Going back must not show a password that somebody else has typed.
  addEventListener('pageshow', () => {
    delete form.dataset.sent;
    form.elements.password.value = '';
  });
})();
