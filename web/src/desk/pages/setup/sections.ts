// The sections of the setup, one description each. A new one needs its words in locales and nothing else.
import type { Section } from './plan'
import { CASE_SECTIONS } from './sections/cases'
import { CHANNELS } from './sections/channels'
import { DESK_SECTIONS } from './sections/desk'
import { WORK_SECTIONS } from './sections/work'

export const SECTIONS: readonly Section[] = [...WORK_SECTIONS, ...CASE_SECTIONS, CHANNELS, ...DESK_SECTIONS]

export const sectionOf = (id: string): Section | undefined => SECTIONS.find((section) => section.id === id)
