/** A start tag, an end tag, a comment, a declaration or text. */
const token =
  /<!--[\s\S]*?-->|<[?!][^>]*>|<(\/?)([\w:.-]+)((?:\s+[\w:.-]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*(\/?)>|([^<]+)/g;

/** The properties of the face regions in an XMP text, by their local names. Those of an area begin with `Area `. */
export interface RegionProperties {
  /** Of the picture that the regions were stated for: `w` and `h`. Empty if that is not stated. */
  dimensions: ReadonlyMap<string, string>;
  /** Of each item of the region list. */
  regions: readonly ReadonlyMap<string, string>[];
}

/** Reads the properties of face regions, which may be attributes or elements. */
export function readProperties(xmp: string): RegionProperties {
  const dimensions = new Map<string, string>();
  const regions: Map<string, string>[] = [];
  const path: string[] = [];
  /** The item of the list, or the dimensions, that is read at present. */
  let item: Map<string, string> | undefined;
  const end = () => {
    const ended = path.pop();
    if (ended === 'AppliedToDimensions' || (ended === 'li' && !path.includes('li'))) item = undefined;
  };
  for (const [, isEnd, name = '', attributes = '', isEmpty, text] of xmp.matchAll(token)) {
    if (text !== undefined) {
      if (item && text.trim()) set(item, path, undefined, text.trim());
      continue;
    }
    if (!name) continue;
    if (isEnd) {
      end();
      continue;
    }
    path.push(localName(name));
    // A later one may be of another picture, from which the photo was made.
    if (path.at(-1) === 'AppliedToDimensions' && dimensions.size === 0) item = dimensions;
    if (path.at(-1) === 'li' && path.includes('RegionList') && !item) {
      item = new Map();
      regions.push(item);
    }
    for (const [, key = '', double, single] of attributes.matchAll(/([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g)) {
      if (item) set(item, path, localName(key), double ?? single ?? '');
    }
    if (isEmpty) end();
  }
  return { dimensions, regions };
}

/** Stores a value: `Area x` for the parts of the area, otherwise by the last name. */
function set(item: Map<string, string>, path: readonly string[], attribute: string | undefined, value: string): void {
  const name = attribute ?? (path.at(-1) as string);
  item.set(path.includes('Area') && name !== 'Area' ? `Area ${name}` : name, unescaped(value));
}

function localName(name: string): string {
  return name.split(':').at(-1) as string;
}

const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function unescaped(text: string): string {
  return text.replace(/&(#x[\da-f]+|#\d+|\w+);/gi, (whole, entity: string) => {
    if (!entity.startsWith('#')) return entities[entity] ?? whole;
    const code = Number(entity[1]?.toLowerCase() === 'x' ? `0x${entity.slice(2)}` : entity.slice(1));
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
