// The phone page: shows what the centre sends, vibrates when the number is
// called, and asks for the page now and then where event streams do not get
// through. Without this script the page reloads itself.
'use strict';

(() => {
  const body = document.body;
  const ticket = document.getElementById('ticket');
  const line = document.getElementById('line');
  const updated = document.getElementById('updated');
  const bell = document.getElementById('bell');
  const often = 20000;  // ms between questions while the stream is down
  const limit = 8000;   // ms to wait for an answer
  let up = true, over = false, asking = false;
  let missed = false;   // called while nobody looked
  let shown = ticket.innerHTML;

  function now() {
    return ticket.querySelector('.now').dataset;
  }

  // swap shows a new state; telling says so with more than the picture.
  function swap(html) {
    const before = now().key;
    const next = document.createElement('template');
    next.innerHTML = html;
    if (next.innerHTML === shown) return; // the first event repeats the page
    shown = next.innerHTML;
    ticket.innerHTML = html;
    const is = now();
    body.className = 'mobile is-' + is.phase;
    document.title = is.title;
    offer();
    if (is.key && is.key !== before) {
      scrollTo(0, 0);
      body.classList.add('arriving');
      if (document.hidden) missed = true;
      else shake();
    }
  }

  // offer puts the button for vibration where it is seen: above the details.
  function offer() {
    ticket.querySelector('.now').after(bell);
    bell.hidden = !navigator.vibrate || now().phase !== 'waiting';
  }

  // Browsers vibrate only on pages somebody has touched and is looking at.
  function shake() {
    missed = false;
    const touched = !navigator.userActivation || navigator.userActivation.hasBeenActive;
    if (navigator.vibrate && touched) navigator.vibrate([700, 300, 700, 300, 1400]);
  }

  function fresh() {
    line.textContent = '';
    const t = live.now();
    const two = n => String(n).padStart(2, '0');
    updated.textContent = two(t.getUTCHours()) + ':' + two(t.getUTCMinutes());
    updated.parentElement.hidden = false;
  }

  async function ask() {
    if (up || over || asking || document.hidden) return;
    asking = true;
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), limit);
    try {
      const answer = await fetch(body.dataset.page, { headers: { 'X-Fragment': '1' }, cache: 'no-store', signal: stop.signal });
      if (!answer.ok) throw new Error(answer.status);
      const html = await answer.text();
      if (!up) {
        swap(html);
        fresh();
      }
    } catch (e) {
      if (!up) line.textContent = line.dataset.lost;
    }
    clearTimeout(timer);
    asking = false;
  }

  bell.addEventListener('click', () => {
    navigator.vibrate(150);
    bell.textContent = bell.dataset.on;
    bell.disabled = true;
  });
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden && missed) shake();
    ask();
  });
  offer();
  setInterval(ask, often);
  live.connect(body.dataset.stream, {
    part: swap,
    line: it => {
      up = it;
      if (up) fresh();
      else ask();
    },
    ended: () => { over = true; },
  });
})();
