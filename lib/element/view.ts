import type { Box } from '../index.ts';

/** A face to mark. */
export interface FaceMark {
  /** In pixels of the picture. */
  box: Box;
  /** The person's name; empty if the face was not identified. */
  label: string;
}

/** For a constructed style sheet, which a strict Content-Security-Policy allows, unlike a style element. */
const css = `
:host { display: inline-block; max-width: 100%; font: inherit; }
:host([hidden]) { display: none; }
.stage { position: relative; overflow: hidden; }
.stage:empty, [hidden] { display: none; }
video, img, canvas { display: block; width: 100%; height: auto; }
img { image-orientation: from-image; }
video.mirrored { transform: scaleX(-1); }
.face { position: absolute; box-sizing: border-box; border: 2px solid #fff; outline: 1px solid #000; border-radius: 6%; }
.face > span {
  position: absolute; inset-block-start: 100%; inset-inline-start: 0; padding: 0 0.4em; white-space: nowrap;
  background: #000; color: #fff;
}
.face > span:empty { display: none; }
p { margin: 0.4em 0; }
button { font: inherit; min-block-size: 2.75em; padding-inline: 1em; }
`;

let sheet: CSSStyleSheet | undefined;

/** The content of `<face-net>`: a picture with marked faces, a camera button and a status line for screen readers. */
export class View {
  readonly button = document.createElement('button');
  readonly #stage = document.createElement('div');
  readonly #boxes = document.createElement('div');
  readonly #status = document.createElement('p');

  constructor(root: ShadowRoot) {
    if (!sheet) {
      sheet = new CSSStyleSheet();
      sheet.replaceSync(css);
    }
    root.adoptedStyleSheets = [sheet];
    this.#stage.className = 'stage';
    this.#stage.part.add('stage');
    // The status line gives the same information as text.
    this.#boxes.ariaHidden = 'true';
    this.#status.role = 'status';
    this.#status.part.add('status');
    this.button.type = 'button';
    this.button.part.add('button');
    this.button.hidden = true;
    root.append(this.#stage, this.button, this.#status);
  }

  /** Shows a picture, or removes it. */
  show(media?: HTMLImageElement | HTMLCanvasElement | HTMLVideoElement): void {
    this.#boxes.replaceChildren();
    this.#stage.replaceChildren(...(media ? [media, this.#boxes] : []));
  }

  /** Marks faces in a picture of the given size. `mirrored` flips the boxes for a mirrored video. */
  mark(faces: readonly FaceMark[], { width, height }: { width: number; height: number }, mirrored: boolean): void {
    const percent = (share: number) => `${100 * share}%`;
    const marks = faces.map(({ box, label }) => {
      const mark = document.createElement('div');
      mark.className = 'face';
      mark.part.add('face');
      const name = document.createElement('span');
      name.textContent = label;
      mark.append(name);
      const left = mirrored ? width - box.x - box.width : box.x;
      Object.assign(mark.style, {
        left: percent(left / width),
        top: percent(box.y / height),
        width: percent(box.width / width),
        height: percent(box.height / height),
      });
      return mark;
    });
    this.#boxes.replaceChildren(...marks);
  }

  /** Sets the status line. An unchanged text is not set again, because screen readers announce every change. */
  setStatus(text: string): void {
    if (this.#status.textContent !== text) this.#status.textContent = text;
  }
}
