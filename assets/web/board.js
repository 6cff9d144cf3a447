// The TV board: shows what the centre sends, marks a new call and has it spoken,
// scrolls the notice, and starts afresh every night.
'use strict';

(() => {
  const board = document.getElementById('board');
  const line = document.getElementById('line');
  const notice = document.getElementById('notice');
  const state = document.getElementById('state');
  const fresh = 15000; // ms a new call stays marked
  const memory = 'spoken ' + document.body.dataset.stream;
  let marked;
  let known = remembered();

  function key() {
    const latest = board.querySelector('[data-call]');
    return latest ? latest.dataset.call : '';
  }

  function swap(html) {
    const before = key();
    board.innerHTML = html;
    if (key() !== before) mark();
    else if (marked) board.querySelector('.latest').classList.add('fresh');
    const text = board.querySelector('[data-notice]').textContent;
    if (text !== notice.textContent.trim()) {
      notice.firstElementChild.textContent = text;
      roll();
    }
    const now = board.querySelector('[data-state]');
    if (state.textContent !== now.textContent) state.textContent = now.textContent;
    state.classList.toggle('closed', now.dataset.state === 'closed');
    announce();
  }

  // announce hands on what has been called since the last time, and remembers the
  // calls shown across a reload, so that none is spoken twice or forgotten.
  function announce() {
    const shown = [...board.querySelectorAll('[data-say]')].map(it => ({
      key: it.dataset.key,
      label: it.dataset.key.split('@')[0],
      at: Number(it.dataset.at),
      say: it.dataset.say ? it.dataset.say.split(' ') : [],
    }));
    if (known) voice.hear(shown.filter(call => !known.has(call.key)));
    known = new Set(shown.map(call => call.key));
    try {
      sessionStorage.setItem(memory, JSON.stringify([...known]));
    } catch { /* a browser that keeps nothing: after a reload nothing old is spoken */ }
  }

  // remembered returns the keys this screen has seen before it was reloaded, null on
  // a screen just switched on, which begins with the next call.
  function remembered() {
    try {
      const kept = JSON.parse(sessionStorage.getItem(memory));
      return Array.isArray(kept) ? new Set(kept) : null;
    } catch {
      return null;
    }
  }

  function mark() {
    if (!key()) return;
    clearTimeout(marked);
    board.querySelector('.latest').classList.add('fresh', 'arriving');
    marked = setTimeout(() => {
      marked = 0;
      board.querySelector('.latest').classList.remove('fresh', 'arriving');
    }, fresh);
  }

  // roll scrolls the notice at a walking pace if it does not fit.
  function roll() {
    const text = notice.firstElementChild;
    notice.classList.remove('rolling');
    if (text.scrollWidth <= notice.clientWidth) return;
    text.style.animationDuration = (text.scrollWidth + notice.clientWidth) / (innerWidth / 18) + 's';
    notice.classList.add('rolling');
  }

  voice.start(document.body.dataset, document.getElementById('unlock'));
  announce();
  roll();
  addEventListener('resize', roll);
  live.connect(document.body.dataset.stream, {
    part: swap,
    line: up => {
      line.hidden = up;
      line.textContent = up ? '' : '连接中断，正在恢复';
    },
    ended: () => location.reload(),
  });

  // Browsers that run for months grow: reload once a night, at a minute of this
  // board's own, and only when the centre answers and nothing is being said.
  const minute = 210 + Math.floor(Math.random() * 60); // 03:30 to 04:29
  let previous = -1;
  setInterval(async () => {
    const t = live.now();
    const at = t.getUTCHours() * 60 + t.getUTCMinutes();
    const due = at === minute && previous !== minute && previous >= 0 && !document.body.dataset.speaking;
    previous = at;
    if (!due) return;
    try {
      const answer = await fetch(location.href, { cache: 'no-store' });
      if (answer.ok) location.reload();
    } catch { /* not tonight */ }
  }, 20000);
})();
