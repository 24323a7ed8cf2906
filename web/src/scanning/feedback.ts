/**
 * Each scan is answered at once, to the ear and the hand as well as the eye: a worker looks at the parts, not
 * at the screen. Accepted is one short high tone, refused two low ones; the screen adds colour, icon and word.
 */

export type ScanAnswer = "accepted" | "refused";

interface Tone {
  readonly frequency: number;
  /** Seconds from now, and how long. */
  readonly start: number;
  readonly length: number;
}

const TONES: Readonly<Record<ScanAnswer, readonly Tone[]>> = {
  accepted: [{ frequency: 1760, start: 0, length: 0.08 }],
  refused: [
    { frequency: 220, start: 0, length: 0.16 },
    { frequency: 196, start: 0.22, length: 0.26 },
  ],
};
const VIBRATIONS: Readonly<Record<ScanAnswer, readonly number[]>> = {
  accepted: [60],
  refused: [180, 80, 180],
};

const KEY = "countersign.scan-sound";

/** Whether this device is to keep silent; it vibrates all the same. */
export function isSilent(): boolean {
  try {
    // eslint-disable-next-line no-restricted-globals -- one word of this device, asked at each scan
    return localStorage.getItem(KEY) === "off";
  } catch {
    return false;
  }
}

export function keepSilent(silent: boolean): void {
  try {
    // eslint-disable-next-line no-restricted-globals -- see above
    localStorage.setItem(KEY, silent ? "off" : "on");
  } catch {
    // A private window forgets; scans are heard again.
  }
}

let audio: AudioContext | undefined;

/** Sound and vibration. Silent where the person wants it so, the device has neither, or where nobody has touched the page yet. */
export function answerScan(answer: ScanAnswer): void {
  vibrate(VIBRATIONS[answer]);
  if (!isSilent()) sound(TONES[answer]);
}

function vibrate(pattern: readonly number[]): void {
  // Not in Safari, whatever the DOM types say.
  const { vibrate: start } = navigator as { vibrate?: Navigator["vibrate"] };
  start?.call(navigator, [...pattern]);
}

function sound(tones: readonly Tone[]): void {
  if (typeof AudioContext === "undefined") return;
  audio ??= new AudioContext();
  const context = audio;
  void context.resume().then(() => {
    for (const tone of tones) play(context, tone);
  });
}

function play(context: AudioContext, tone: Tone): void {
  const from = context.currentTime + tone.start;
  const volume = context.createGain();
  // Ramps instead of steps: a step in volume is heard as a click.
  volume.gain.setValueAtTime(0, from);
  volume.gain.linearRampToValueAtTime(0.25, from + 0.01);
  volume.gain.setValueAtTime(0.25, from + tone.length - 0.02);
  volume.gain.linearRampToValueAtTime(0, from + tone.length);
  const oscillator = context.createOscillator();
  oscillator.frequency.value = tone.frequency;
  oscillator.connect(volume).connect(context.destination);
  oscillator.start(from);
  oscillator.stop(from + tone.length);
}
