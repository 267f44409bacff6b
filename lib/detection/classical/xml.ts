/** An element of an XML document: its children by tag, in their order, and the text directly in it. */
export interface XmlElement {
  tag: string;
  children: XmlElement[];
  text: string;
}

/** Deeper than any file of OpenCV's nests. */
const deepest = 32;

/**
 * Reads the part of XML that OpenCV's FileStorage writes: elements, text and comments, with attributes passed over. A
 * worker has no DOMParser, and Node none either. It goes through the text once and calls itself nowhere, so that no text
 * makes it slow or overflows the stack; entities and document types, by which a text can grow, are refused.
 *
 * @returns the outermost element.
 * @throws {SyntaxError} when the text is not of that kind, with the position of the fault.
 */
export function parseXml(text: string): XmlElement {
  const document: XmlElement = { tag: '', children: [], text: '' };
  const open = [document];
  let at = 0;
  while (at < text.length) {
    const tag = text.indexOf('<', at);
    const element = open[open.length - 1] as XmlElement;
    element.text += plain(text.slice(at, tag < 0 ? text.length : tag), at);
    if (tag < 0) break;
    if (text.startsWith('<!--', tag)) at = after(text, '-->', tag + 4);
    else if (text.startsWith('<?', tag)) at = after(text, '?>', tag + 2);
    else {
      at = after(text, '>', tag + 1);
      enter(text.slice(tag + 1, at - 1), open, tag);
    }
  }
  const [root, ...others] = document.children;
  if (open.length > 1 || !root || others.length > 0 || document.text.trim() !== '') {
    throw new SyntaxError('it is not one whole XML document');
  }
  return root;
}

/** Opens or closes an element, from what stands between the angle brackets. */
function enter(inside: string, open: XmlElement[], at: number): void {
  const [, closing, tag, empty] = inside.match(/^(\/?)([A-Za-z_][\w.-]*)(?:\s[^<]*?)?(\/?)$/) ?? [];
  if (!tag || (closing && empty)) throw new SyntaxError(`at character ${at} there is no tag of an element`);
  const parent = open[open.length - 1] as XmlElement;
  if (closing) {
    if (open.length === 1 || parent.tag !== tag) throw new SyntaxError(`at character ${at} </${tag}> closes nothing`);
    open.pop();
    return;
  }
  const element = { tag, children: [], text: '' };
  parent.children.push(element);
  if (empty) return;
  open.push(element);
  if (open.length > deepest) throw new SyntaxError(`at character ${at} the elements nest too deeply`);
}

function plain(text: string, at: number): string {
  if (text.includes('&')) throw new SyntaxError(`after character ${at} there is an entity`);
  return text;
}

/** The position after the next `end`. */
function after(text: string, end: string, from: number): number {
  const found = text.indexOf(end, from);
  if (found < 0) throw new SyntaxError(`after character ${from} there is no "${end}"`);
  return found + end.length;
}
