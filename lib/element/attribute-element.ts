/** Node and server rendering have no HTMLElement. The substitute makes the import safe there. */
const Base = globalThis.HTMLElement ?? (class {} as typeof HTMLElement);

/** The properties of a {@link FaceNetElement} that reflect its attributes. */
export class AttributeElement extends Base {
  /** The address of the models folder. Default: `models/` beside the page. */
  get models(): string {
    return this.getAttribute('models') ?? 'models/';
  }
  set models(address: string) {
    this.setAttribute('models', address);
  }

  /** The name of the preset. Default: the first of the manifest, `balanced`. */
  get preset(): string {
    return this.getAttribute('preset') ?? '';
  }
  set preset(name: string) {
    this.setAttribute('preset', name);
  }
}
