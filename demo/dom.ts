/** The element of this id, which index.html must have and which must be of this kind. */
export function byId<E extends HTMLElement>(id: string, kind: new () => E): E {
  return expected(document.getElementById(id), kind, `#${id}`);
}

/** The part of a copied template that carries this `data-part`. */
export function part<E extends HTMLElement>(root: ParentNode, name: string, kind: new () => E): E {
  return expected(root.querySelector(`[data-part="${name}"]`), kind, `[data-part="${name}"]`);
}

function expected<E extends HTMLElement>(element: Element | null, kind: new () => E, what: string): E {
  if (element instanceof kind) return element;
  throw new Error(`The page has no ${kind.name} ${what}.`);
}
