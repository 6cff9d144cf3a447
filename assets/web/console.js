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
  let toastTimer, sound;

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
    document.title = (calls.length ? '【有人求助】' : '') + (number ? number.textContent + ' · ' : '') + name;
    if (calls.some(id => !known.has(id))) ring();
    calls.forEach(id => known.add(id));
    if (busy) freeze();
  }

  function say(text, bad) {
    clearTimeout(toastTimer);
    toast.textContent = text;
    toast.className = 'toast shown' + (bad ? ' bad' : '');
    toastTimer = setTimeout(() => { toast.className = 'toast'; }, bad ? 10000 : 5000);
  }

  // ring makes two short tones. Browsers allow sound only after the first key or
  // click on the page; before that there is the strip and the title.
  function ring() {
    try {
      sound = sound || new AudioContext();
      for (const start of [0, 0.35]) {
        const tone = sound.createOscillator(), volume = sound.createGain();
        tone.frequency.value = 880;
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
    let html = '';
    try {
      const answer = await fetch(form.action, {
        method: 'POST', body, headers: { 'X-Fragment': '1' }, signal: AbortSignal.timeout(15000),
      });
      if (answer.status === 401) {
        location.assign('/console');
        return;
      }
      if (!(answer.headers.get('Content-Type') || '').startsWith('text/html')) throw new Error(await answer.text());
      html = await answer.text();
    } catch (e) {
      say(e instanceof TypeError || e.name === 'TimeoutError' ? '连不上中心服务，不知道有没有办成，请稍等再看。' : e.message, true);
    }
    busy = false;
    panel.removeAttribute('aria-busy');
    for (const [button, was] of before) button.disabled = was;
    if (html) swap(html);
    else if (!panel.contains(before[0]?.[0])) location.reload(); // the panel changed under the frozen buttons
  }

  // confirmed asks for a second press before a number is passed over: it cannot
  // be taken back.
  function confirmed(button) {
    if (!button.classList.contains('no-show') || button.dataset.armed) return true;
    const text = button.querySelector('span');
    const was = text.textContent;
    button.dataset.armed = 'yes';
    text.textContent = '再按一次';
    setTimeout(() => { delete button.dataset.armed; text.textContent = was; }, 3000);
    return false;
  }

  panel.addEventListener('submit', e => {
    e.preventDefault();
    const button = e.submitter || e.target.querySelector('button');
    if (button.disabled || !confirmed(button)) return;
    send(e.target);
  });

  // The table of keys opens and closes with the question mark; browsers close it with
  // Escape themselves.
  const keys = document.getElementById('keys');
  const help = document.getElementById('help');
  help.hidden = false;
  help.addEventListener('click', () => keys.showModal());

  document.addEventListener('keydown', e => {
    if (e.ctrlKey || e.altKey || e.metaKey) return;
    if (e.key === '?' || e.key === '？') {
      e.preventDefault();
      if (keys.open) keys.close();
      else keys.showModal();
      return;
    }
    if (e.shiftKey || keys.open) return;
    const target = document.querySelector('[data-key="' + CSS.escape(e.key) + '"]');
    if (!target) return;
    e.preventDefault(); // F3 would open the browser's search
    if (!e.repeat && !target.disabled && !busy) target.click();
  });

  settle();
  live.connect(document.body.dataset.stream, {
    part: swap,
    line: up => {
      line.textContent = up ? '' : '连接中断，正在恢复';
      document.body.classList.toggle('offline', !up);
    },
    ended: () => location.assign('/console'),
  });
})();
