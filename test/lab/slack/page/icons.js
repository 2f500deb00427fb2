/** Emoji that carry meaning here, drawn, so that they look the same on a machine without an emoji font. */
const disc = (color) => `<circle cx="8" cy="8" r="6.5" fill="${color}"/>`;
const mark = (color, path) => `<rect x="1" y="1" width="14" height="14" rx="3.5" fill="${color}"/><path d="${path}" ${line('#fff', 2)}/>`;
const line = (color, width) => `fill="none" stroke="${color}" stroke-width="${width}" stroke-linecap="round" stroke-linejoin="round"`;

const drawings = {
  '✅': mark('#2b9e66', 'M4.2 8.4l2.6 2.6 5-5.6'),
  '✔️': `<path d="M3 8.6l3.4 3.4L13 4.8" ${line('#2b9e66', 2.2)}/>`,
  '❌': `<path d="M4 4l8 8M12 4l-8 8" ${line('#d9304f', 2.6)}/>`,
  '⛔': `${disc('#d9304f')}<path d="M4.6 8h6.8" ${line('#fff', 2.4)}/>`,
  '🚫': `<circle cx="8" cy="8" r="6" ${line('#d9304f', 2)}/><path d="M4 4l8 8" ${line('#d9304f', 2)}/>`,
  '🛑': '<path d="M5 1.5h6L14.5 5v6L11 14.5H5L1.5 11V5z" fill="#d9304f"/>',
  '⚠️': `<path d="M8 1.6L15.2 14H.8z" fill="#f2b01e"/><path d="M8 6v4M8 12.1v.1" ${line('#3b2a00', 1.7)}/>`,
  'ℹ️': `${disc('#2f7fd1')}<path d="M8 7.4v4M8 4.7v.1" ${line('#fff', 1.9)}/>`,
  '❓': `<path d="M5.4 5.6a2.7 2.7 0 1 1 3.8 2.5c-.8.4-1.2.9-1.2 1.9M8 13v.1" ${line('#d9304f', 2)}/>`,
  '❔': `<path d="M5.4 5.6a2.7 2.7 0 1 1 3.8 2.5c-.8.4-1.2.9-1.2 1.9M8 13v.1" ${line('#8d8d94', 2)}/>`,
  '❗': `<path d="M8 2.5v7M8 13v.1" ${line('#d9304f', 2.6)}/>`,
  '🔴': disc('#d9304f'),
  '🟠': disc('#e8803a'),
  '🟡': disc('#eebd1f'),
  '🟢': disc('#2b9e66'),
  '🔵': disc('#2f7fd1'),
  '⚪': `<circle cx="8" cy="8" r="6" fill="#f4f4f5" stroke="#b5b5bb"/>`,
  '⏳': `<path d="M4 1.5h8M4 14.5h8M5 1.5c0 4 3 4.5 3 6.5s-3 2.5-3 6.5M11 1.5c0 4-3 4.5-3 6.5s3 2.5 3 6.5" ${line('#b3832f', 1.5)}/><path d="M6 13.5c.4-1.5 3.6-1.5 4 0z" fill="#eebd1f"/>`,
  '⏱️': `<circle cx="8" cy="9" r="5.5" ${line('#75757c', 1.6)}/><path d="M8 9V6M6.5 1.5h3" ${line('#75757c', 1.6)}/>`,
  '🔍': `<circle cx="6.8" cy="6.8" r="4.5" ${line('#5b84a8', 1.7)}/><path d="M10.3 10.3l4 4" ${line('#8a6a4a', 2.2)}/>`,
  '🔎': `<circle cx="9.2" cy="6.8" r="4.5" ${line('#5b84a8', 1.7)}/><path d="M5.7 10.3l-4 4" ${line('#8a6a4a', 2.2)}/>`,
  '🔧': `<path d="M2.5 13.5l6-6" ${line('#75828f', 2.6)}/><path d="M13.8 4.6l-2.4 1-1-1 1-2.4a3.6 3.6 0 1 0 2.4 2.4z" fill="#75828f"/>`,
  '🛠️': `<path d="M2.5 13.5l6-6" ${line('#75828f', 2.6)}/><path d="M13.8 4.6l-2.4 1-1-1 1-2.4a3.6 3.6 0 1 0 2.4 2.4z" fill="#75828f"/>`,
  '🔒': `<rect x="3" y="7" width="10" height="7.5" rx="1.5" fill="#e0a526"/><path d="M5 7V5a3 3 0 0 1 6 0v2" ${line('#75757c', 1.7)}/>`,
  '🚨': `<path d="M4 12V8a4 4 0 0 1 8 0v4z" fill="#d9304f"/><path d="M2.5 14h11M8 1v1.5M2.5 4l1 1M13.5 4l-1 1" ${line('#8d8d94', 1.6)}/>`,
  '👀': '<ellipse cx="4.7" cy="8" rx="3" ry="4.5" fill="#fff" stroke="#8d8d94"/><ellipse cx="11.3" cy="8" rx="3" ry="4.5" fill="#fff" stroke="#8d8d94"/><circle cx="3.8" cy="8.5" r="1.7" fill="#333"/><circle cx="10.4" cy="8.5" r="1.7" fill="#333"/>',
  '🔁': `<path d="M2 8a4 4 0 0 1 4-4h7M11 1.7L13.3 4 11 6.3M14 8a4 4 0 0 1-4 4H3M5 9.7L2.7 12 5 14.3" ${line('#2f7fd1', 1.6)}/>`,
  '🔄': `<path d="M2 8a4 4 0 0 1 4-4h7M11 1.7L13.3 4 11 6.3M14 8a4 4 0 0 1-4 4H3M5 9.7L2.7 12 5 14.3" ${line('#2f7fd1', 1.6)}/>`,
  '💾': '<path d="M2 2h10l2 2v10H2z" fill="#4b6a88"/><rect x="5" y="2" width="5.5" height="4" fill="#dfe6ec"/><rect x="4" y="8.5" width="8" height="5.5" fill="#eef1f4"/>',
  '👍': '<path d="M2 7.5h2.5V14H2zM5.5 13.5V7.7L8.3 2c1.3 0 1.9.9 1.6 2.2L9.3 6.5h3.6c1 0 1.6.8 1.4 1.8l-1 4.2c-.2.9-.8 1.5-1.7 1.5H6.5z" fill="#eebd1f"/>',
  '↩️': `<path d="M6 3L2.5 6.5 6 10M2.5 6.5H10a3.5 3.5 0 0 1 0 7H7" ${line('#2f7fd1', 1.7)}/>`,
};

const pattern = new RegExp(Object.keys(drawings).sort((a, b) => b.length - a.length).map((glyph) => (glyph.endsWith('️') ? `${glyph.slice(0, -1)}️?` : glyph)).join('|'), 'gu');

/** Text as nodes, with the emoji that we draw as pictures. */
export function withIcons(text) {
  const nodes = [];
  let from = 0;
  for (const match of text.matchAll(pattern)) {
    if (match.index > from) nodes.push(text.slice(from, match.index));
    nodes.push(icon(match[0]));
    from = match.index + match[0].length;
  }
  if (from < text.length) nodes.push(text.slice(from));
  return nodes;
}

function icon(glyph) {
  const span = document.createElement('span');
  span.className = 'emoji';
  span.setAttribute('role', 'img');
  span.setAttribute('aria-label', glyph);
  // Only the constants above reach innerHTML.
  span.innerHTML = `<svg viewBox="0 0 16 16" aria-hidden="true">${drawings[glyph] ?? drawings[`${glyph}️`]}</svg>`;
  return span;
}
