// The TV board: shows what the centre sends, marks a new call, scrolls the
// notice, and starts afresh every night.
'use strict';

(() => {
  const board = document.getElementById('board');
  const line = document.getElementById('line');
  const notice = document.getElementById('notice');
  const fresh = 15000; // ms a new call stays marked
  let marked;

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
    if (text !== notice.textContent) {
      notice.firstElementChild.textContent = text;
      roll();
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
    text.style.animationDuration = text.scrollWidth / 100 + 's';
    notice.classList.add('rolling');
  }

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
  // board's own, and only when the centre answers.
  const minute = 210 + Math.floor(Math.random() * 60); // 03:30 to 04:29
  let previous = -1;
  setInterval(async () => {
    const t = live.now();
    const at = t.getUTCHours() * 60 + t.getUTCMinutes();
    const due = at === minute && previous !== minute && previous >= 0;
    previous = at;
    if (!due) return;
    try {
      const answer = await fetch(location.href, { cache: 'no-store' });
      if (answer.ok) location.reload();
    } catch { /* not tonight */ }
  }, 20000);
})();
