/** Colours and sizes of a drawing. Lengths are in CSS pixels, colours are CSS colours. */
export interface DrawTheme {
  /** The colour of boxes and points. */
  line: string;
  /** The colour of boxes and points of faces with `emphasised`. */
  emphasis: string;
  /** The colour of the wider line under each line, which keeps it visible on any picture. */
  outline: string;
  /** The background of labels. */
  label: string;
  /** The text of labels. */
  text: string;
  /** The font family of labels. */
  font: string;
  /** The size of the text of labels. */
  textSize: number;
  /** The width of lines. */
  lineWidth: number;
}

/** The colours and sizes that are used unless others are given. */
export const defaultTheme: Readonly<DrawTheme> = {
  line: '#ffffff',
  emphasis: '#a9b6ff',
  outline: 'rgb(8 10 18 / 0.55)',
  label: 'rgb(8 10 18 / 0.78)',
  text: '#ffffff',
  font: 'system-ui, sans-serif',
  textSize: 15,
  lineWidth: 1.75,
};
