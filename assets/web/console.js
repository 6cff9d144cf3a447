// The window console: sends buttons without leaving the page, maps keys to
// buttons, and shows what the centre sends. Without this script every button is
// an ordinary form.
'use strict';

(() => {
  const panel = document.getElementById('panel');
  const toast = document.getElementById('toast');
  const line = document.getElementById('line');
  const name = document.body.dataset.name;
  const known = new Set();  // help calls already announced
  let busy = false;
  let idle = false;         // nobody at the window, and nobody waits
  let toastTimer, sound;
  // A panel comes by the stream or as the answer to a button, and either can overtake
  // the other. The hall's cursor tells which is newer.
  let streamed = '';        // the last one by the stream
  let newest = 0;           // cursor up to which it is good
  let answered = 0;         // cursor of the one shown when that was an answer, else 0

  // swap shows a new panel without losing focus or the place in a list.
  function swap(html) {
    const focused = document.activeElement && document.activeElement.id;
    const places = {};
    for (const list of panel.querySelectorAll('[data-keep]')) places[list.dataset.keep] = list.scrollTop;
    panel.innerHTML = html;
    for (const list of panel.querySelectorAll('[data-keep]')) list.scrollTop = places[list.dataset.keep] || 0;
    if (focused) document.getElementById(focused)?.focus();
    settle();
  }

  // settle does what every new panel needs.
  function settle() {
    const message = panel.querySelector('.message');
    if (message) {
      message.remove();
      say(message.textContent, message.classList.contains('bad'));
    }
    const number = document.getElementById('number');
    const calls = [...panel.querySelectorAll('[data-help]')].map(e => e.dataset.help);
    const next = panel.querySelector('.next b');
    document.title = (calls.length ? '【有人求助】' : '') + (number ? number.textContent + ' · ' : next ? '等候 ' + next.textContent + ' · ' : '') + name;
    if (calls.some(id => !known.has(id))) ring(880, 2);
    else if (next && idle) ring(520, 1); // somebody has come to a window where nobody waited
    idle = !number && !next;
    calls.forEach(id => known.add(id));
    const waits = armed && Date.now() < armed.until && document.getElementById(armed.id);
    if (waits && !waits.disabled && ticketOf(waits) === armed.ticket) arm(waits);
    else armed = null;
    if (busy) freeze();
  }

  function say(text, bad) {
    clearTimeout(toastTimer);
    toast.textContent = text;
    toast.className = 'toast shown' + (bad ? ' bad' : '');
    toastTimer = setTimeout(() => { toast.className = 'toast'; }, bad ? 10000 : 5000);
  }

  // ring makes short tones. Browsers allow sound only after the first key or
  // click on the page; before that there is the strip and the title.
  function ring(pitch, times) {
    try {
      sound = sound || new AudioContext();
      for (let start = 0; start < times * 0.35; start += 0.35) {
        const tone = sound.createOscillator(), volume = sound.createGain();
        tone.frequency.value = pitch;
        volume.gain.value = 0.2;
        tone.connect(volume).connect(sound.destination);
        tone.start(sound.currentTime + start);
        tone.stop(sound.currentTime + start + 0.2);
      }
    } catch { /* no sound here: the strip is there */ }
  }

  function freeze() {
    for (const button of panel.querySelectorAll('button')) button.disabled = true;
  }

  async function send(form) {
    if (busy) return;
    const body = new URLSearchParams(new FormData(form));
    busy = true;
    panel.setAttribute('aria-busy', 'true');
    const before = [...panel.querySelectorAll('button')].map(b => [b, b.disabled]);
    freeze();
    let html = '', at = 0;
    try {
      const answer = await fetch(form.action, {
        method: 'POST', body, headers: { 'X-Fragment': '1' }, signal: AbortSignal.timeout(15000),
      });
      if (answer.status === 401) {
        location.assign('/console');
        return;
      }
      if (!(answer.headers.get('Content-Type') || '').startsWith('text/html')) throw new Error(await answer.text());
      at = Number(answer.headers.get('X-Cursor'));
      html = await answer.text();
    } catch (e) {
      say(e instanceof TypeError || e.name === 'TimeoutError' ? '连不上中心服务，不知道有没有办成，请稍等再看。' : e.message, true);
    }
    busy = false;
    panel.removeAttribute('aria-busy');
    for (const [button, was] of before) button.disabled = was;
    if (html && at < newest) { // the stream was faster
      const late = document.createElement('template');
      late.innerHTML = html;
      const message = late.content.querySelector('.message');
      swap(streamed);
      if (message) say(message.textContent, message.classList.contains('bad'));
    } else if (html) {
      answered = at;
      swap(html);
    } else if (!panel.contains(before[0]?.[0])) location.reload(); // the panel changed under the frozen buttons
  }

  // confirmed asks for a second press where a number would be lost by a slip: 过号,
  // 退回队列. What is armed stays so when the panel is drawn anew for the same number:
  // in a busy hall that happens all the time.
  const patience = 3000; // ms
  let armed = null;      // { id of the button, ticket, until }

  function ticketOf(button) { return button.form.elements.id?.value; }

  function arm(button) {
    const text = button.querySelector('span');
    const was = text.textContent;
    button.dataset.armed = 'yes';
    text.textContent = button.dataset.twice;
    setTimeout(() => { delete button.dataset.armed; text.textContent = was; }, armed.until - Date.now());
  }

  function confirmed(button) {
    if (!button.dataset.twice) return true;
    const sure = armed && armed.id === button.id && armed.ticket === ticketOf(button) && Date.now() < armed.until;
    if (sure) {
      armed = null;
      return true;
    }
    armed = { id: button.id, ticket: ticketOf(button), until: Date.now() + patience };
    arm(button);
    return false;
  }

  panel.addEventListener('submit', e => {
    e.preventDefault();
    const button = e.submitter || e.target.querySelector('button');
    if (button.disabled || !confirmed(button)) return;
    send(e.target);
  });

  // The table of keys opens and closes with the question mark; browsers close it with
  // Escape themselves. Keys of one character can be switched off in it, for whoever
  // speaks to the computer or hits keys by chance (WCAG 2.1, 2.1.4); this browser
  // remembers that.
  const keys = document.getElementById('keys');
  const help = document.getElementById('help');
  const letters = document.getElementById('letters');
  help.hidden = false;
  help.addEventListener('click', () => keys.showModal());

  function stored(value) {
    try {
      if (value !== undefined) localStorage.setItem('letters', value);
      return localStorage.getItem('letters');
    } catch { return null; /* not allowed here: they stay on */ }
  }

  letters.checked = stored() !== 'off';
  function showLetters() { document.body.classList.toggle('no-letters', !letters.checked); }
  showLetters();
  letters.addEventListener('change', () => {
    stored(letters.checked ? 'on' : 'off');
    showLetters();
  });

  // nameOf is the key as data-key writes it. While a Chinese input method is on, some
  // browsers call every letter Process.
  function nameOf(e) {
    if (/^[a-z]$/i.test(e.key)) return e.key.toLowerCase();
    if (e.key === 'Process' && /^Key[A-Z]$/.test(e.code)) return e.code.slice(3).toLowerCase();
    return e.key;
  }

  document.addEventListener('keydown', e => {
    if (e.ctrlKey || e.altKey || e.metaKey) return;
    const key = nameOf(e);
    if (key.length === 1 && !letters.checked) return;
    if (key === '?' || key === '？') {
      e.preventDefault();
      if (keys.open) keys.close();
      else keys.showModal();
      return;
    }
    if (e.shiftKey || keys.open) return;
    const target = document.querySelector('[data-key="' + CSS.escape(key) + '"]');
    if (!target) return;
    e.preventDefault(); // F3 would open the browser's search
    if (!e.repeat && !target.disabled && !busy) target.click();
  });

  // What another page has done is said once, not after every reload.
  const here = new URL(location.href);
  if (here.searchParams.has('did')) {
    here.searchParams.delete('did');
    history.replaceState(null, '', here);
  }

  settle();
  live.connect(document.body.dataset.stream, {
    part: (html, at) => {
      streamed = html;
      newest = at;
      answered = 0;
      swap(html);
    },
    line: (up, at) => {
      if (up) newest = at;
      // Something has changed since the answer, to what the stream had sent before it.
      if (up && answered && at > answered) {
        answered = 0;
        swap(streamed);
      }
      line.textContent = up ? '' : '连接中断，正在恢复';
      document.body.classList.toggle('offline', !up);
    },
    ended: () => location.assign('/console'),
  });
})();
