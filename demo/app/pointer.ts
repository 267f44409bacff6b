/** Whether the device has no mouse, and probably no keyboard. */
export const isTouch = matchMedia('(pointer: coarse)').matches;
