/**
 * facenet-web/element: `<face-net>`, which marks the faces of a photo or camera in pages without a framework. The
 * import defines the element. In Node and during server rendering it has no effect.
 */
export type { FaceNetElementEventMap, FacesDetail, IdentifiedDetail } from './events.ts';
export { FaceNetElement } from './face-net.ts';
export type { ElementTexts } from './texts.ts';

import { FaceNetElement } from './face-net.ts';

declare global {
  interface HTMLElementTagNameMap {
    'face-net': FaceNetElement;
  }
}

// If a page loads the library twice, the second definition would throw.
if (globalThis.customElements && !customElements.get('face-net')) customElements.define('face-net', FaceNetElement);
