/** Makes an element; `props` are properties, `on…` listeners and data-… attributes; text is never read as HTML. */
export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === false) continue;
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else if (name.includes('-') || name === 'role' || name === 'for') node.setAttribute(name, value);
    else node[name] = value;
  }
  node.append(...children.flat().filter((child) => child !== undefined && child !== null && child !== ''));
  return node;
}

/** Replaces the children of a node. */
export function fill(node, ...children) {
  node.replaceChildren(...children.flat().filter((child) => child !== undefined && child !== null));
}

/** Makes these nodes the children, and moves only those that are not in place: a button being pressed stays where it is. */
export function arrange(parent, nodes) {
  nodes.forEach((node, index) => {
    if (parent.children[index] !== node) parent.insertBefore(node, parent.children[index] ?? null);
  });
  while (parent.children.length > nodes.length) parent.lastElementChild.remove();
}

/** Sends what a person does; resolves with the answer and rejects with what is wrong with the request. */
export async function act(name, body) {
  const response = await fetch(`/page/${name}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error);
  return answer;
}

/** Output as it is; a word such as `--raw=…` goes to the next line whole, where the browser would break it after a hyphen. */
export function preformatted(text) {
  const words = text.split(/(\S*-\S*)/);
  return el('pre', {}, words.map((word, index) => (index % 2 === 0 ? word : el('span', { className: 'word' }, word))));
}
