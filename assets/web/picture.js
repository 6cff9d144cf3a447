// Draws the guide that is on the page as a picture to keep: name, list with its
// ticks, where, when, what it costs, whom to ring up. It is drawn here because only
// this phone knows the ticks.
'use strict';

// picture returns a PNG as a data: address, which phones save by pressing long,
// inside other programs' browsers too.
function picture() {
  const width = 1080, edge = 64;
  const tallest = 12000; // phones refuse much larger canvases
  const style = getComputedStyle(document.documentElement);
  const colour = name => style.getPropertyValue('--' + name).trim();
  const family = getComputedStyle(document.body).fontFamily;
  const canvas = document.createElement('canvas');
  const pen = canvas.getContext('2d');
  const words = it => it ? it.innerText.trim() : '';
  const all = (selector, within) => [...(within || document).querySelectorAll(selector)];
  const steps = []; // what to draw, each at its height
  let y = edge;

  const font = (size, bold) => (bold ? '700 ' : '400 ') + size + 'px ' + family;

  // lines breaks text into lines: between any two Han characters, but not before
  // closing punctuation, and between words of others.
  function lines(text, room) {
    const out = [];
    for (const paragraph of text.split('\n')) {
      const pieces = paragraph.match(/[A-Za-z0-9.,:\/@_\-–()%&'"]+|\s+|[^\s][，。、；：？！）》」』”’]*/gu) || [''];
      let line = '';
      for (let piece of pieces) {
        while (pen.measureText(piece).width > room) { // longer than a whole line
          let n = piece.length - 1;
          while (n > 1 && pen.measureText(line + piece.slice(0, n)).width > room) n--;
          out.push(line + piece.slice(0, n));
          piece = piece.slice(n);
          line = '';
        }
        if (line && pen.measureText(line + piece).width > room) {
          out.push(line.trimEnd());
          line = piece.trimStart();
        } else {
          line += piece;
        }
      }
      out.push(line);
    }
    return out;
  }

  function write(text, { size = 38, bold = false, fill = 'ink', left = 0, gap = 0, right = 0 } = {}) {
    if (!text) return;
    y += gap;
    pen.font = font(size, bold);
    for (const line of lines(text, width - 2 * edge - left - right)) {
      const at = y + size;
      steps.push(() => {
        pen.font = font(size, bold);
        pen.fillStyle = colour(fill);
        pen.fillText(line, edge + left, at);
      });
      y += Math.round(size * 1.5);
    }
  }

  function rule() {
    y += 22;
    const at = y;
    steps.push(() => {
      pen.fillStyle = colour('line');
      pen.fillRect(edge, at, width - 2 * edge, 2);
    });
    y += 24;
  }

  function box(ticked) {
    const side = 44, at = y + 4;
    steps.push(() => {
      pen.lineWidth = 4;
      pen.strokeStyle = pen.fillStyle = ticked ? colour('green') : colour('quiet');
      pen.strokeRect(edge + 2, at + 2, side - 4, side - 4);
      if (!ticked) return;
      pen.fillRect(edge, at, side, side);
      pen.strokeStyle = '#fff';
      pen.lineWidth = 6;
      pen.beginPath();
      pen.moveTo(edge + 10, at + 22);
      pen.lineTo(edge + 19, at + 32);
      pen.lineTo(edge + 35, at + 12);
      pen.stroke();
    });
  }

  function facts(list) {
    for (const row of all('div', list)) {
      const name = words(row.querySelector('dt'));
      const before = y;
      write(name, { fill: 'quiet', size: 34, right: width - 2 * edge - 220 });
      const after = y;
      y = before;
      write(words(row.querySelector('dd')), { left: 240, size: 36 });
      y = Math.max(y, after) + 8;
    }
  }

  write(words(document.querySelector('.where')), { size: 34, fill: 'quiet' });
  write(words(document.querySelector('.sample')), { size: 32, fill: 'amber', gap: 6 });
  write(words(document.querySelector('h1')), { size: 56, bold: true, gap: 6 });
  write(words(document.querySelector('.summary')), { gap: 6 });

  const list = document.querySelector('.materials');
  if (list) {
    rule();
    write(words(list.querySelector('h2')) + '　' + words(list.querySelector('.ready')), { size: 42, bold: true });
    for (const item of all('ol > li', list)) {
      y += 14;
      const tick = item.querySelector('input');
      if (tick) box(tick.checked);
      write(words(item.querySelector('.thing b')), { size: 40, bold: true, left: 68 });
      const more = [words(item.querySelector('.count')), words(item.querySelector('.tag'))].filter(Boolean).join('　');
      write(more, { size: 34, fill: 'quiet', left: 68 });
      for (const note of all('.notes p', item)) write(words(note), { size: 32, fill: 'quiet', left: 68 });
    }
  }
  for (const section of all('[data-picture]')) {
    rule();
    write(words(section.querySelector('h2')), { size: 42, bold: true });
    facts(section.querySelector('dl'));
    for (const number of all('.calls-list li', section)) {
      write(words(number.querySelector('span')) + '　' + words(number.querySelector('b')), { size: 36 });
    }
  }
  rule();
  for (const line of all('footer span')) write(words(line), { size: 30, fill: 'quiet' });
  y += edge;

  const scale = Math.min(1, tallest / y);
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(y * scale);
  pen.scale(scale, scale);
  pen.fillStyle = '#fff';
  pen.fillRect(0, 0, width, y);
  pen.textBaseline = 'alphabetic';
  for (const draw of steps) draw();
  return canvas.toDataURL('image/png');
}
