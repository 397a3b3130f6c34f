// Parts of the view as an image for slides: drawn by the browser itself, through an SVG that holds them as a document.

const NS = 'http://www.w3.org/2000/svg';
const MOST = { side: 16_000, area: 200_000_000 }; // px of a canvas that browsers still draw
const OFF = '.help, .acts, .tip, .jump, .views, .focus, .pin:not(:has(.pin-panel)), section.heat > .hint, :is(.choices, .severities) button:not([aria-pressed=true])';
const STYLE = `*, ::before, ::after { box-sizing: border-box; }
body { margin: 0; }
.snapshot { padding: 20px 24px; background: #fff; }
.snapshot .text { max-height: none !important; overflow: visible !important; }
.snapshot .texts, .snapshot .grid-scroll { overflow: visible; }
.snapshot .column.pinned { position: static; box-shadow: none; }
.snapshot :is(.legend, .choices) button { border: 0 !important; padding: 0 10px 0 0; background: none; color: inherit; }
.snapshot .legend .key { padding-inline: 8px; margin-inline-end: 6px; }
.snapshot section.heat { margin: 0; padding: 0; border: 0; }`;

/** Rules of the page's stylesheets that are about the view. */
function rules() {
  const all = [...document.styleSheets].flatMap((sheet) => {
    try {
      return [...sheet.cssRules];
    } catch {
      return []; // of another origin; none of ours
    }
  });
  return all.map((rule) => rule.cssText).filter((text) => text.includes('.cv'));
}

/** XML has no control characters: they are shown by their pictures. */
function speakable(root) {
  const clean = (text) => text.replace(/[\0-\x08\x0b\x0c\x0e-\x1f]/g, (c) => String.fromCharCode(0x2400 + c.charCodeAt(0))).replace(/[\ufffe\uffff]/g, '\ufffd');
  const walk = document.createTreeWalker(root, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
  for (let at = walk.currentNode; at; at = walk.nextNode()) {
    if (at.nodeType === Node.TEXT_NODE) at.data = clean(at.data);
    else for (const { name, value } of [...at.attributes]) at.setAttribute(name, clean(value));
  }
}

/** An empty document of a width, beside the page, in which nothing of the page's frame has a say. */
async function room(width) {
  const frame = document.createElement('iframe');
  frame.srcdoc = '<!doctype html><html><body></body></html>';
  Object.assign(frame.style, { position: 'fixed', left: '-99999px', top: 0, width: `${width}px`, height: '100px', border: 0 });
  frame.setAttribute('aria-hidden', 'true');
  frame.tabIndex = -1;
  await new Promise((resolve) => {
    frame.onload = resolve;
    document.body.append(frame);
  });
  return frame;
}

/** { svg, width, height } of copies of some nodes below one another, always on light paper. */
export async function snapshot(nodes, width) {
  const frame = await room(width);
  try {
    const page = frame.contentDocument;
    const root = page.createElement('div');
    root.className = 'cv on-paper snapshot';
    root.lang = document.documentElement.lang;
    const style = page.createElement('style');
    style.textContent = [...rules(), STYLE].join('\n');
    root.append(style, ...nodes.map((node) => page.importNode(node, true)));
    root.querySelectorAll(OFF).forEach((n) => n.remove());
    root.querySelectorAll('.lit, .near, .chosen').forEach((n) => n.classList.remove('lit', 'near', 'chosen'));
    root.querySelectorAll('[aria-pressed]').forEach((n) => n.removeAttribute('aria-pressed'));
    speakable(root);
    page.body.append(root);
    await page.fonts.ready;
    const height = Math.ceil(root.getBoundingClientRect().height);
    const held = new XMLSerializer().serializeToString(root);
    const svg = `<svg xmlns="${NS}" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"><foreignObject width="${width}" height="${height}">${held}</foreignObject></svg>`;
    return { svg, width, height };
  } finally {
    frame.remove();
  }
}

/** An SVG as PNG, `scale` times as large; smaller where a canvas could not hold it. Throws where a browser cannot. */
export async function png({ svg, width, height }, scale = 2) {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode();
  const fits = Math.min(scale, MOST.side / Math.max(width, height), Math.sqrt(MOST.area / (width * height)));
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [Math.round(width * fits), Math.round(height * fits)];
  const pen = canvas.getContext('2d');
  pen.fillStyle = '#ffffff';
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) => canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('no image'))), 'image/png'));
}
