// Announces calls aloud: the bell, then the number twice, one call after the other.
// Recordings come from the centre and are put together here (Web Audio), so that
// there is no gap that a media element would make between two of them. Nothing is
// spoken that is older than a minute: who was called then has gone, or is called
// again. Used by board.js.
'use strict';

const voice = (() => {
  const stale = 60000;   // ms
  const most = 40;       // announcements that wait; the oldest go first
  const chimeEnd = 1.5;  // s into the bell, when speaking begins over its last sound
  const breath = 0.7;    // s between the first time and the second
  const after = 0.9;     // s before the next announcement
  const rest = 30000;    // ms without one, after which the sound device may sleep
  const links = new Map();  // name of a recording → address
  const clips = new Map();  // name → promise of an AudioBuffer; as many as there are recordings
  const waiting = [];
  let context, gain, volume = 0, quiet = [], locked = true, busy = false, sleep, hint;

  // minutes of the hall's day
  function isQuiet() {
    const t = live.now();
    const at = t.getUTCHours() * 60 + t.getUTCMinutes();
    return quiet.some(([from, to]) => from <= to ? from <= at && at < to : at >= from || at < to);
  }

  function load(name) {
    let clip = clips.get(name);
    if (!clip) {
      clip = fetch(links.get(name))
        .then(answer => answer.ok ? answer.arrayBuffer() : Promise.reject(new Error(name)))
        .then(data => context.decodeAudioData(data));
      clips.set(name, clip);
      clip.catch(() => clips.delete(name)); // tried again at the next call
    }
    return clip;
  }

  function pause(ms) { return new Promise(done => setTimeout(done, ms)); }

  // place has a recording begin at a time of the context's clock.
  function place(clip, at) {
    const source = context.createBufferSource();
    source.buffer = clip;
    source.connect(gain);
    source.start(at);
    return source;
  }

  async function speak(call) {
    let bell, words;
    try {
      bell = await load('chime');
      words = await Promise.all(call.say.map(load));
    } catch {
      if (!bell) return;
      words = []; // half a number would send the wrong person: the bell only
    }
    await context.resume();
    let at = context.currentTime + 0.05;
    let last = place(bell, at);
    at += Math.min(bell.duration, chimeEnd);
    for (let time = 0; words.length && time < 2; time++) {
      for (const word of words) {
        last = place(word, at);
        at += word.duration;
      }
      at += breath;
    }
    document.body.dataset.speaking = call.label;
    // A sound device that has gone must not keep the others waiting for ever.
    const length = (at - context.currentTime) * 1000;
    await Promise.race([new Promise(done => { last.onended = done; }), pause(length + 5000)]);
    delete document.body.dataset.speaking;
    await pause(after * 1000);
  }

  async function next() {
    if (busy) return;
    busy = true;
    clearTimeout(sleep);
    while (waiting.length && context.state !== 'closed' && !locked) {
      const call = waiting.shift();
      if (live.millis() - call.at > stale || isQuiet()) continue;
      await speak(call).catch(() => {});
    }
    busy = false;
    sleep = setTimeout(() => { if (!busy) context.suspend(); }, rest);
  }

  // hear takes calls that are new, oldest first: { label, at (ms since 1970), say }.
  function hear(calls) {
    if (!volume) return;
    for (const call of calls) {
      const before = waiting.findIndex(one => one.label === call.label);
      if (before >= 0) waiting.splice(before, 1); // called again before it was spoken
      waiting.push(call);
    }
    waiting.splice(0, Math.max(0, waiting.length - most));
    if (!locked) next();
  }

  // Browsers let a page sound only after somebody has touched it, unless they were
  // started for a screen like this (Chromium: --autoplay-policy=no-user-gesture-required).
  // A context made before that complains on the console, an element only refuses: so
  // an element finds out.
  async function allowed() {
    const bell = new Audio(links.get('chime'));
    bell.volume = 0.01;
    try {
      await bell.play();
    } catch (refusal) {
      return refusal.name !== 'NotAllowedError'; // no codec, no file: not for want of a touch
    } finally {
      bell.pause();
      bell.removeAttribute('src');
    }
    return true;
  }

  async function unlock() {
    if (!locked) return;
    if (!context) {
      context = new AudioContext({ latencyHint: 'playback' });
      gain = context.createGain();
      gain.gain.value = (volume / 100) ** 2; // ears are not linear
      gain.connect(context.destination);
    }
    await context.resume();
    if (context.state !== 'running' || !locked) return;
    locked = false;
    hint.hidden = true;
    removeEventListener('pointerdown', unlock);
    removeEventListener('keydown', unlock);
    next();
    // One after the other, so that the first call need not wait for all.
    for (const name of links.keys()) await load(name).catch(() => {});
  }

  // start reads the page's data: volume in percent, quiet as 12:00-13:30,…, sounds
  // as name=file …; button is the hint that sound is still blocked.
  function start(data, button) {
    volume = Number(data.volume);
    if (!volume) return;
    for (const link of data.sounds.split(' ')) {
      const cut = link.indexOf('=');
      links.set(link.slice(0, cut), '/voice/' + link.slice(cut + 1));
    }
    const minute = text => Number(text.slice(0, 2)) * 60 + Number(text.slice(3, 5));
    quiet = data.quiet ? data.quiet.split(',').map(span => span.split('-').map(minute)) : [];
    hint = button;
    addEventListener('pointerdown', unlock);
    addEventListener('keydown', unlock);
    allowed().then(yes => {
      if (yes) unlock();
      setTimeout(() => { hint.hidden = !locked; }, yes ? 2000 : 0);
    });
  }

  return { start, hear, clips };
})();
