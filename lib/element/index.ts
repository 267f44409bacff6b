/**
 * facenet-web/element: `<face-net>`, the faces of a photo or a camera for pages without a framework. Importing it defines
 * the element; in Node and during server rendering it does nothing.
 */
export { FaceNetElement, type FaceNetElementEventMap, type FacesDetail, type IdentifiedDetail } from './face-net.ts';

import { FaceNetElement } from './face-net.ts';

declare global {
  interface HTMLElementTagNameMap {
    'face-net': FaceNetElement;
  }
}

// A page may load the library twice; the first one has the name.
if (globalThis.customElements && !customElements.get('face-net')) customElements.define('face-net', FaceNetElement);
