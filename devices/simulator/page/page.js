"use strict";
// The page works without this. With it, it follows what happens by itself and
// buttons do not reload it.
(() => {
  let busy = false;

  // show takes the new page's main part in place of the old one, and keeps what
  // was opened and typed.
  async function show(response) {
    const text = await response.text();
    const fresh = new DOMParser().parseFromString(text, "text/html").getElementById("live");
    const old = document.getElementById("live");
    if (!response.ok || !fresh) return;
    const open = [...old.querySelectorAll("details")].map((d) => d.open);
    fresh.querySelectorAll("details").forEach((d, i) => { d.open = open[i]; });
    const typed = old.querySelector("#scan"), field = fresh.querySelector("#scan");
    field.value = typed.value;
    const focused = document.activeElement;
    const line = focused && focused.value && focused.name === "line" ? focused : null;
    const image = fresh.querySelector("img");
    if (image && old.querySelector("img")) await image.decode().catch(() => {});
    old.replaceWith(fresh);
    if (focused === typed) field.focus();
    else if (line) {
      const same = fresh.querySelector(`button[value="${CSS.escape(line.value)}"]`);
      if (same) same.focus();
    }
  }

  async function look() {
    if (busy || document.hidden) return;
    busy = true;
    try {
      const live = document.getElementById("live");
      const version = await (await fetch("version")).text();
      if (version !== live.dataset.version) {
        await show(await fetch("./" + (live.dataset.shown ? "?paper=" + live.dataset.shown : "")));
      }
    } catch { /* the program has ended, or begins anew */ }
    busy = false;
  }

  document.addEventListener("submit", async (event) => {
    event.preventDefault();
    const body = new URLSearchParams();
    const pressed = event.submitter;
    if (pressed && pressed.name) body.set(pressed.name, pressed.value);
    else new FormData(event.target).forEach((value, name) => body.set(name, value));
    try { await show(await fetch("do", { method: "POST", body })); } catch { /* as above */ }
  });

  setInterval(look, 500);
  document.addEventListener("visibilitychange", look);
})();
