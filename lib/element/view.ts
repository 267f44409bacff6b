import type { Box } from '../index.ts';

/** A face as it is shown: where, and under which name. */
export interface ShownFace {
  box: Box;
  /** What stands at the face; nothing for a face of whom nothing is known. */
  label: string;
}

/** A constructed sheet, which a strict Content-Security-Policy allows; boxes are placed through the CSSOM, as it demands. */
const css = `
:host { display: inline-block; max-width: 100%; font: inherit; }
:host([hidden]) { display: none; }
.stage { position: relative; overflow: hidden; }
.stage:empty, [hidden] { display: none; }
video, img { display: block; width: 100%; height: auto; }
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

/** What `<face-net>` shows: a picture with boxes over it, a button for the camera, a line of text that is read out. */
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
    // The status says in words what the boxes say.
    this.#boxes.ariaHidden = 'true';
    this.#status.role = 'status';
    this.#status.part.add('status');
    this.button.type = 'button';
    this.button.part.add('button');
    this.button.hidden = true;
    root.append(this.#stage, this.button, this.#status);
  }

  /** Puts a picture, or nothing, on the stage. */
  show(media?: HTMLImageElement | HTMLVideoElement): void {
    this.#boxes.replaceChildren();
    this.#stage.replaceChildren(...(media ? [media, this.#boxes] : []));
  }

  /** Marks faces, whose boxes are in pixels of a picture of this size. */
  mark(faces: readonly ShownFace[], { width, height }: { width: number; height: number }, mirrored: boolean): void {
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

  /** Says something, unless it was said last: a screen reader reads every change out. */
  say(text: string): void {
    if (this.#status.textContent !== text) this.#status.textContent = text;
  }
}
