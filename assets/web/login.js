// Keypad and small comforts of the window log-in. Without this script the form
// works all the same.
'use strict';

(() => {
  const form = document.getElementById('login');
  const pin = document.getElementById('pin');
  const pad = document.getElementById('pad');
  const remembered = 'hallkiosk.window' + form.getAttribute('action');
  pad.hidden = false;

  pad.addEventListener('click', e => {
    const button = e.target.closest('button');
    if (!button) return;
    switch (button.value) {
      case 'clear': pin.value = ''; break;
      case 'back': pin.value = pin.value.slice(0, -1); break;
      default: if (pin.value.length < pin.maxLength) pin.value += button.value;
    }
  });

  // Digits typed anywhere go into the PIN.
  document.addEventListener('keydown', e => {
    if (e.target === pin || e.ctrlKey || e.altKey || e.metaKey) return;
    if (/^[0-9]$/.test(e.key)) {
      pin.focus();
      if (pin.value.length < pin.maxLength) pin.value += e.key;
      e.preventDefault();
    } else if (e.key === 'Backspace') {
      pin.focus();
    }
  });

  pin.addEventListener('input', () => { pin.value = pin.value.replace(/\D/g, ''); });

  form.addEventListener('change', e => {
    if (e.target.name !== 'window') return;
    try { localStorage.setItem(remembered, e.target.value); } catch { /* not allowed here: fine */ }
    pin.focus();
  });

  form.addEventListener('submit', e => {
    if (form.dataset.sent) e.preventDefault();
    form.dataset.sent = 'yes';
  });
  addEventListener('pageshow', () => { delete form.dataset.sent; pin.value = ''; });

  // The same computer nearly always stands at the same window.
  if (!form.elements.window) return;
  if (!form.querySelector('input[name=window]:checked')) {
    let last = '';
    try { last = localStorage.getItem(remembered) || ''; } catch { /* not allowed here: fine */ }
    for (const radio of form.querySelectorAll('input[name=window]:enabled')) radio.checked = radio.value === last;
  }
  if (form.querySelector('input[name=window]:checked')) pin.focus();
})();
