// Keeps a page in touch with the centre: server-sent events, reconnecting by
// itself, and the centre's clock. Used by console.js, board.js and phone.js.
'use strict';

const live = (() => {
  const root = document.documentElement;
  const silence = 40000; // ms without a beat after which the line counts as lost
  const doze = 20000;    // the same on waking up; beats come every 15 s
  let skew = 0;          // the centre's clock minus ours, ms
  let offset = 0;        // the hall's minutes east of UTC

  function setClock(text) {
    const [millis, minutes] = text.split(' ').map(Number);
    if (!Number.isFinite(millis) || !Number.isFinite(minutes)) return;
    skew = millis - Date.now();
    offset = minutes;
  }

  // now returns the hall's time in the UTC fields of a Date.
  function now() {
    return new Date(Date.now() + skew + offset * 60000);
  }

  // millis returns the centre's time, in milliseconds since 1970.
  function millis() {
    return Date.now() + skew;
  }

  function tick() {
    const t = now();
    const two = n => String(n).padStart(2, '0');
    const time = two(t.getUTCHours()) + ':' + two(t.getUTCMinutes());
    const date = (t.getUTCMonth() + 1) + '月' + t.getUTCDate() + '日 星期' + '日一二三四五六'[t.getUTCDay()];
    for (const [id, text] of [['time', time], ['date', date]]) {
      const element = document.getElementById(id);
      if (element && element.textContent !== text) element.textContent = text;
    }
  }

  // connect listens to url for ever. on.part gets each new fragment, on.line
  // true or false when the line comes or goes (true with every beat), on.ended
  // when there is nothing more to come. Part and line are also given the hall's
  // cursor: how new what the last part shows is.
  function connect(url, on) {
    let source, watch, retry, heardAt, tries = 0, over = false;

    function heard() {
      heardAt = Date.now();
      clearTimeout(watch);
      watch = setTimeout(lost, silence);
    }

    function lost() {
      clearTimeout(watch);
      source.close();
      on.line(false);
      const wait = Math.min(15000, 500 * 2 ** tries++) * (0.5 + Math.random());
      retry = setTimeout(open, wait);
    }

    function open() {
      clearTimeout(retry);
      retry = 0;
      if (source) source.close();
      source = new EventSource(url);
      heard();
      source.onerror = lost;
      source.addEventListener('hello', e => {
        heard();
        // After an update of the centre the old scripts may not fit any more.
        if (e.data !== root.dataset.version) location.reload();
      });
      source.addEventListener('part', e => {
        heard();
        on.part(e.data, Number(e.lastEventId));
      });
      source.addEventListener('beat', e => {
        heard();
        tries = 0;
        setClock(e.data);
        tick();
        on.line(true, Number(e.lastEventId));
      });
      source.addEventListener('ended', () => {
        over = true;
        clearTimeout(watch);
        source.close();
        on.ended();
      });
    }

    // wake does not wait for a timer to notice: phones and laptops stop pages
    // that nobody looks at, and tell nobody that the line has gone meanwhile.
    function wake() {
      if (over || document.hidden) return;
      if (!retry && source.readyState !== EventSource.CLOSED && Date.now() - heardAt < doze) return;
      tries = 0;
      open();
    }

    open();
    document.addEventListener('visibilitychange', wake);
    addEventListener('pageshow', wake);
    addEventListener('online', wake);
  }

  setClock(root.dataset.clock);
  tick();
  setInterval(tick, 1000);
  return { connect, now, millis };
})();
