/** Asks the palette to open; the palette itself listens. */
export const paletteEvent = "pie:palette";
export const openPalette = () => window.dispatchEvent(new Event(paletteEvent));
