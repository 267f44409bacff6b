/** The icons, as SVG path data in a 24 × 24 view box. */
const paths = {
  live: 'M4 8V6a2 2 0 0 1 2-2h2M16 4h2a2 2 0 0 1 2 2v2M20 16v2a2 2 0 0 1-2 2h-2M8 20H6a2 2 0 0 1-2-2v-2M9.500 10v1M14.500 10v1M9 14.500c1.500 1.700 4.500 1.700 6 0',
  photos: 'M4 5h7v6H4zM13 5h7v6h-7zM4 13h7v6H4zM13 13h7v6h-7z',
  compare: 'M3.500 6h7v12h-7zM13.500 6h7v12h-7z',
  gallery:
    'M9 11a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7zM3 20c.500-4 3-6 6-6s5.500 2 6 6M16 11a3 3 0 1 0-1-5.800M17 14c2.500.500 3.700 2.500 4 6',
  globe: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM3.500 9h17M3.500 15h17M12 3c-5 5-5 13 0 18M12 3c5 5 5 13 0 18',
  lab: 'M4 20h16M5 16.500C10 16 9 6 20 5',
  settings: 'M4 7h9M17 7h3M4 17h3M11 17h9M13 5v4M7 15v4',
  close: 'M6 6l12 12M18 6L6 18',
  pause: 'M9 6v12M15 6v12',
  play: 'M8 5.500v13l10-6.500z',
  stop: 'M7 7h10v10H7z',
  rename: 'M5 19l1-4L16 5l3 3L9 18zM14 7l3 3',
  remove: 'M5 7h14M10 7V5h4v2M7 7l1 13h8l1-13',
  plus: 'M12 5v14M5 12h14',
  points: 'M12 6h.01M7.500 10h.01M16.500 10h.01M12 13.500h.01M9 17h.01M15 17h.01M12 18h.01',
  swap: 'M4 9h13l-3-3M20 15H7l3 3',
} as const;

/** A name of an icon. */
export type IconName = keyof typeof paths;

/** A decorative icon. The control around it must have an accessible name. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" width="24" height="24" aria-hidden="true">
      <path
        d={paths[name]}
        fill="none"
        stroke="currentColor"
        stroke-width="1.8"
        stroke-linecap="round"
        stroke-linejoin="round"
      />
    </svg>
  );
}
