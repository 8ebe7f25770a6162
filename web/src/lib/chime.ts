// The desk's sound: two short tones, made here, so that no file has to be fetched.
const NOTES = [
  { hertz: 660, at: 0 },
  { hertz: 880, at: 0.12 },
]
const SECONDS = 0.18

/** Plays it. False when the browser does not let us. */
export async function chime(): Promise<boolean> {
  const audio = new AudioContext()
  await audio.resume().catch(() => undefined)
  if (audio.state !== 'running') {
    await audio.close()
    return false
  }
  for (const { hertz, at } of NOTES) {
    const start = audio.currentTime + at
    const tone = new OscillatorNode(audio, { frequency: hertz })
    const loudness = new GainNode(audio, { gain: 0 })
    loudness.gain.linearRampToValueAtTime(0.12, start + 0.01)
    loudness.gain.exponentialRampToValueAtTime(0.001, start + SECONDS)
    tone.connect(loudness).connect(audio.destination)
    tone.start(start)
    tone.stop(start + SECONDS)
  }
  setTimeout(() => void audio.close(), 1000)
  return true
}
