// The page of a guide: its materials can be ticked, and it can be sent on, printed
// or saved as a picture. Ticks stay on this phone, until the address expires. The
// page can be read without this script.
'use strict';

(() => {
  const root = document.documentElement;
  const body = document.body;
  const id = name => document.getElementById(name);
  const address = location.origin + location.pathname; // without language and size
  const prefix = 'hallkiosk:';
  const boxes = [...document.querySelectorAll('.materials input')];

  // Storage may be full, forbidden, or gone with a private window: then the page
  // works all the same and forgets.
  const kept = {
    get(key) {
      try { return JSON.parse(localStorage.getItem(prefix + key)); } catch { return null; }
    },
    set(key, value) {
      try { localStorage.setItem(prefix + key, JSON.stringify(value)); } catch { /* forgets */ }
    },
    // sweep drops the ticks of addresses that have expired.
    sweep() {
      try {
        for (const key of Object.keys(localStorage).filter(k => k.startsWith(prefix + '/h/'))) {
          const known = kept.get(key.slice(prefix.length));
          if (!known || !(known.until > Date.now())) localStorage.removeItem(key);
        }
      } catch { /* nothing is kept */ }
    },
  };

  function count() {
    const of = document.querySelector('#ready b');
    if (!of) return;
    const needed = Number(of.dataset.needed);
    const ready = boxes.filter(b => b.checked && 'needed' in b.dataset).length;
    const words = document.querySelector('#ready span');
    of.textContent = of.dataset.of.replace('%d', ready).replace('%d', needed);
    words.textContent = ready === needed ? words.dataset.all : words.dataset.words;
    id('progress').value = ready;
    document.querySelector('.materials').classList.toggle('whole', ready === needed);
  }

  function tick() {
    kept.set(location.pathname, {
      until: Number(body.dataset.until), list: body.dataset.list,
      ticked: boxes.filter(b => b.checked).map(b => Number(b.value)),
    });
    count();
  }

  const mine = kept.get(location.pathname);
  // Ticks of another edition of the list would stand beside other materials.
  if (mine && mine.list === body.dataset.list && Array.isArray(mine.ticked)) {
    for (const b of boxes) b.checked = mine.ticked.includes(Number(b.value));
  }
  for (const b of boxes) {
    b.disabled = false;
    b.addEventListener('change', tick);
  }
  if (boxes.length) id('kept').hidden = false;
  count();
  kept.sweep();

  // Size of type: kept for every guide on this phone.
  const size = id('size');
  function large(on) {
    root.classList.toggle('large', on);
    size.textContent = on ? size.dataset.normal : size.dataset.larger;
  }
  if (kept.get('large') !== null) large(kept.get('large') === true);
  size.addEventListener('click', e => {
    e.preventDefault();
    const on = !root.classList.contains('large');
    large(on);
    kept.set('large', on);
  });

  // A long name is set smaller: it is read once, the list again and again.
  const heading = document.querySelector('h1');
  heading.classList.toggle('long', heading.textContent.length > 40);

  function show(dialog) {
    if (dialog.showModal) dialog.showModal();
    else dialog.setAttribute('open', '');
  }
  function hide(dialog) {
    if (dialog.close) dialog.close();
    else dialog.removeAttribute('open');
  }

  let gone;
  function say(text) {
    const toast = id('toast');
    toast.textContent = text;
    toast.classList.add('shown');
    clearTimeout(gone);
    gone = setTimeout(() => toast.classList.remove('shown'), 4000);
  }

  // copy works on plain HTTP too, where browsers have no clipboard for pages.
  async function copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch { /* the old way */ }
    const field = document.createElement('textarea');
    field.value = text;
    field.className = 'copied';
    body.append(field);
    field.select();
    let done = false;
    try { done = document.execCommand('copy'); } catch { /* by hand then */ }
    field.remove();
    return done;
  }

  const share = id('share');
  share.addEventListener('click', async () => {
    if (navigator.share) {
      try {
        await navigator.share({ title: document.title, url: address });
        return;
      } catch (e) {
        if (e.name === 'AbortError') return; // changed their mind
      }
    }
    if (await copy(address)) {
      say(share.dataset.copied);
      return;
    }
    id('url').value = address;
    show(id('copying'));
    id('url').select();
  });
  id('done').addEventListener('click', () => hide(id('copying')));

  id('picture').addEventListener('click', () => {
    const data = picture();
    id('image').src = data;
    id('save').href = data;
    show(id('shown'));
  });
  id('close').addEventListener('click', () => {
    hide(id('shown'));
    id('image').removeAttribute('src');
  });

  id('print').addEventListener('click', () => print());
  const opened = [];
  addEventListener('beforeprint', () => {
    for (const d of document.querySelectorAll('details:not([open])')) {
      d.open = true;
      opened.push(d);
    }
  });
  addEventListener('afterprint', () => {
    for (const d of opened.splice(0)) d.open = false;
  });

  // A link to a form opens it.
  function unfold() {
    const form = location.hash.startsWith('#form-') && id(location.hash.slice(1));
    if (form) form.open = true;
  }
  addEventListener('hashchange', unfold);
  unfold();
  id('doings').hidden = false;
})();
