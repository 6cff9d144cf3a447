// The manager's pages: today keeps itself up to date, the day sheet can be printed.
'use strict';

(() => {
  const today = document.getElementById('today');
  const line = document.getElementById('line');
  const print = document.getElementById('print');

  if (print) {
    print.hidden = false;
    print.addEventListener('click', () => window.print());
  }

  // show swaps in a new picture and keeps what was opened and how far tables were moved.
  function show(html) {
    const opened = new Set([...today.querySelectorAll('details[open]')].map(d => d.dataset.keep));
    const moved = new Map([...today.querySelectorAll('.wide')].map(e => [e.getAttribute('aria-label'), [e.scrollLeft, e.scrollTop]]));
    const focused = document.activeElement && today.contains(document.activeElement) ? document.activeElement.getAttribute('aria-label') : null;
    today.innerHTML = html;
    for (const d of today.querySelectorAll('details')) d.open = opened.has(d.dataset.keep);
    for (const e of today.querySelectorAll('.wide')) {
      [e.scrollLeft, e.scrollTop] = moved.get(e.getAttribute('aria-label')) || [0, 0];
      if (focused && e.getAttribute('aria-label') === focused) e.focus({ preventScroll: true });
    }
  }

  if (today) {
    live.connect(today.dataset.stream, {
      part: show,
      line: up => { line.textContent = up ? '' : '连接断了，正在重连'; },
      ended: () => location.reload(),
    });
  }
})();
