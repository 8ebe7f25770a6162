// The words of a form: a section may call a field otherwise than the others do.
import { hasText, t } from '@/lib/i18n'
import type { Section } from './plan'

const own = (section: Section, kind: 'field' | 'hint', name: string): string | null => {
  const key = name.replaceAll('.', '_')
  return (
    [`setup.${section.id}.${kind}.${key}`, `setup.${kind}.${key}`].find(
      (place) => hasText(place) && typeof t(place) === 'string',
    ) ?? null
  )
}

export const fieldLabel = (section: Section, name: string): string =>
  t(own(section, 'field', name) ?? `setup.field.${name.replaceAll('.', '_')}`)

export const fieldHint = (section: Section, name: string): string | undefined => {
  const place = own(section, 'hint', name)
  return place ? t(place) : undefined
}
