/** The attributes of an element. */
type Attributes = Record<string, string | number>;

/** An SVG element as text. */
export function element(name: string, attributes: Attributes, content = ''): string {
  const written = Object.entries(attributes).map(
    ([key, value]) => ` ${key}="${typeof value === 'number' ? round(value) : value}"`,
  );
  return `<${name}${written.join('')}>${content}</${name}>`;
}

/** A text element. */
export function label(x: number, y: number, text: string, attributes: Attributes = {}): string {
  return element(
    'text',
    { x, y, 'font-size': 12, fill: '#222', ...attributes },
    text.replace(/&/g, '&amp;').replace(/</g, '&lt;'),
  );
}

/** An SVG document of a size in pixels, with a white background. */
export function drawing(width: number, height: number, content: string): string {
  const paper = element('rect', { width, height, fill: 'white' });
  return `${element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      viewBox: `0 0 ${width} ${height}`,
      width,
      height,
      'font-family': 'system-ui, sans-serif',
    },
    `${paper}${content}`,
  )}\n`;
}

/** A group, translated. */
export function at(x: number, y: number, content: string): string {
  return element('g', { transform: `translate(${round(x)} ${round(y)})` }, content);
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
