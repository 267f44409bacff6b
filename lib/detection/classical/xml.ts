/** An element of an XML document. `text` is the text directly in it, without that of its children. */
export interface XmlElement {
  tag: string;
  children: XmlElement[];
  text: string;
}

/** The maximum nesting depth, beyond that of OpenCV's files. */
const maxDepth = 32;

/**
 * Parses the subset of XML that OpenCV's FileStorage writes: elements, text and comments; attributes are ignored.
 * Workers and Node have no DOMParser. The parser is linear and not recursive, so that no text makes it slow or
 * overflows the stack. It rejects entities and document types, with which a short text can expand without limit.
 *
 * @returns the root element.
 * @throws {SyntaxError} with the position of the error, when the text is not of this subset.
 */
export function parseXml(text: string): XmlElement {
  const document: XmlElement = { tag: '', children: [], text: '' };
  const open = [document];
  let position = 0;
  while (position < text.length) {
    const tag = text.indexOf('<', position);
    const element = open[open.length - 1] as XmlElement;
    element.text += plainText(text.slice(position, tag < 0 ? text.length : tag), position);
    if (tag < 0) break;
    if (text.startsWith('<!--', tag)) position = positionAfter(text, '-->', tag + 4);
    else if (text.startsWith('<?', tag)) position = positionAfter(text, '?>', tag + 2);
    else {
      position = positionAfter(text, '>', tag + 1);
      openOrClose(text.slice(tag + 1, position - 1), open, tag);
    }
  }
  const [root, ...others] = document.children;
  if (open.length > 1 || !root || others.length > 0 || document.text.trim() !== '') {
    throw new SyntaxError('it is not a complete XML document');
  }
  return root;
}

/**
 * Opens or closes an element.
 *
 * @param inside the text between the angle brackets.
 * @param open the open elements, outermost first.
 */
function openOrClose(inside: string, open: XmlElement[], position: number): void {
  const [, closing, tag, empty] = inside.match(/^(\/?)([A-Za-z_][\w.-]*)(?:\s[^<]*?)?(\/?)$/) ?? [];
  if (!tag || (closing && empty)) throw new SyntaxError(`the tag at character ${position} is invalid`);
  const parent = open[open.length - 1] as XmlElement;
  if (closing) {
    if (open.length === 1 || parent.tag !== tag)
      throw new SyntaxError(`</${tag}> at character ${position} closes no open element`);
    open.pop();
    return;
  }
  const element = { tag, children: [], text: '' };
  parent.children.push(element);
  if (empty) return;
  open.push(element);
  if (open.length > maxDepth) throw new SyntaxError(`the elements at character ${position} are nested too deeply`);
}

function plainText(text: string, position: number): string {
  if (text.includes('&')) throw new SyntaxError(`the text at character ${position} contains an entity`);
  return text;
}

/** The position after the next `end`. */
function positionAfter(text: string, end: string, from: number): number {
  const found = text.indexOf(end, from);
  if (found < 0) throw new SyntaxError(`"${end}" is missing after character ${from}`);
  return found + end.length;
}
