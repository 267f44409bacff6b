import { checkedNames } from '../core/checked-options.ts';
import { type DrawableFace, drawFaces } from './draw-faces.ts';
import { checkedDrawing, type DrawOptions } from './draw-options.ts';
import {
  contentSize,
  type MappingOptions,
  type PictureElement,
  type PictureMapping,
  pictureMapping,
} from './picture-mapping.ts';

/** Options of {@link FaceOverlay}. */
export interface OverlayOptions extends MappingOptions, Omit<DrawOptions, 'mapping' | 'scale'> {}

/**
 * A canvas over an image, a video or a canvas of the page. It follows the element's size, `object-fit`, mirroring and the screen's pixel
 * ratio. It is inserted behind the element, at its place, so the element's parent should be positioned, for example by
 * `position: relative`.
 *
 * @example
 * const overlay = new FaceOverlay(video, { landmarks: 'five' });
 * for await (const { faces } of facenet.watch(video, { gallery, signal })) overlay.draw(faces);
 * overlay.dispose();
 */
export class FaceOverlay {
  /** The canvas, for styling. It ignores the pointer. */
  readonly canvas = document.createElement('canvas');
  readonly #element: PictureElement;
  readonly #mapping: MappingOptions;
  readonly #drawing: Omit<DrawOptions, 'mapping' | 'scale'>;
  readonly #resize = new ResizeObserver(() => this.#redraw());
  #faces: readonly DrawableFace[] = [];

  /**
   * Inserts the canvas.
   *
   * @param element an image, a video or a canvas in the page.
   * @param options what is drawn, and how.
   * @throws {FaceNetError} `option-invalid` for an unknown option or value.
   */
  constructor(element: PictureElement, options: OverlayOptions = {}) {
    const { mirrored, ...drawing } = checkedNames(options, {
      ...{ mirrored: true, shape: true, landmarks: true, theme: true },
    });
    this.#element = element;
    this.#mapping = mirrored === undefined ? {} : { mirrored };
    this.#drawing = checkedDrawing(drawing);
    this.canvas.ariaHidden = 'true';
    Object.assign(this.canvas.style, { position: 'absolute', pointerEvents: 'none' });
    element.after(this.canvas);
    this.#resize.observe(element);
  }

  /**
   * Draws faces instead of the former ones. Nothing is drawn while the element has no picture or no size.
   *
   * @param faces the faces, in pixels of the picture.
   *
   * @example
   * const overlay = new FaceOverlay(video);
   * overlay.draw(await facenet.detect(video));
   */
  draw(faces: readonly DrawableFace[]): void {
    this.#faces = faces;
    this.#redraw();
  }

  /**
   * The face at a position, for example of a click: the smallest box there.
   *
   * @param faces the faces that were drawn, in pixels of the picture.
   * @param position in CSS pixels of the window, like a mouse event.
   * @returns one of `faces`; undefined where there is none, and while the element has no picture.
   *
   * @example
   * const overlay = new FaceOverlay(video);
   * overlay.draw(faces);
   * video.addEventListener('click', (event) => show(overlay.faceAt(faces, event)?.box));
   */
  faceAt<F extends DrawableFace>(
    faces: readonly F[],
    { clientX, clientY }: { clientX: number; clientY: number },
  ): F | undefined {
    const mapping = this.#mappingNow();
    if (!mapping) return undefined;
    const { left, top } = this.canvas.getBoundingClientRect();
    const { x, y } = mapping.toPicture({ x: clientX - left, y: clientY - top });
    const hit = faces.filter(
      ({ box }) => x >= box.x && y >= box.y && x <= box.x + box.width && y <= box.y + box.height,
    );
    return hit.sort((a, b) => a.box.width * a.box.height - b.box.width * b.box.height)[0];
  }

  /** Removes the canvas. */
  dispose(): void {
    this.#resize.disconnect();
    this.canvas.remove();
  }

  #redraw(): void {
    this.#place();
    const context = this.canvas.getContext('2d') as CanvasRenderingContext2D;
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    const mapping = this.#mappingNow();
    if (!mapping || this.canvas.width === 0 || this.canvas.height === 0) return;
    const ratio = this.#ratio();
    // Lines and text grow with the element, to stay visible on very large screens.
    const scale = ratio * Math.max(1, this.canvas.clientWidth / 900);
    drawFaces(context, this.#faces, { ...this.#drawing, mapping: scaled(mapping, ratio), scale });
  }

  /** Lays the canvas over the content of the element. */
  #place(): void {
    const { offsetLeft, offsetTop, clientLeft, clientTop } = this.#element;
    const { paddingLeft, paddingTop } = getComputedStyle(this.#element);
    const { width, height } = contentSize(this.#element);
    const ratio = this.#ratio();
    const [pixelsX, pixelsY] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (this.canvas.width !== pixelsX || this.canvas.height !== pixelsY) {
      Object.assign(this.canvas, { width: pixelsX, height: pixelsY });
    }
    Object.assign(this.canvas.style, {
      left: `${offsetLeft + clientLeft + Number.parseFloat(paddingLeft)}px`,
      top: `${offsetTop + clientTop + Number.parseFloat(paddingTop)}px`,
      width: `${width}px`,
      height: `${height}px`,
    });
  }

  #ratio(): number {
    return globalThis.devicePixelRatio || 1;
  }

  #mappingNow(): PictureMapping | undefined {
    try {
      return pictureMapping(this.#element, this.#mapping);
    } catch {
      // The image is not loaded, or the video has no frame yet.
      return undefined;
    }
  }
}

/** A mapping to the pixels of a canvas that has several in a CSS pixel. */
function scaled(
  { toElement, boxToElement }: PictureMapping,
  ratio: number,
): Pick<PictureMapping, 'toElement' | 'boxToElement'> {
  return {
    toElement(point) {
      const { x, y } = toElement(point);
      return { x: x * ratio, y: y * ratio };
    },
    boxToElement(box) {
      const { x, y, width, height } = boxToElement(box);
      return { x: x * ratio, y: y * ratio, width: width * ratio, height: height * ratio };
    },
  };
}
