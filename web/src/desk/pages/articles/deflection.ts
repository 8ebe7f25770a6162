// How shares and their differences are written: in points of a hundred.
import { number } from '@/lib/format'
import { t } from '@/lib/i18n'
import type { Spared } from './types'

const figure = (share: number): string => number(Math.round(1000 * share) / 10)

export const percent = (share: number | null): string =>
  share === null ? t('deflection.dash') : `${figure(share)} %`

/** What was spared of a hundred; a minus where more came. */
export const points = (share: number | null): string =>
  share === null ? t('deflection.dash') : figure(share)

export const interval = (one: Pick<Spared, 'low' | 'high'>): string =>
  one.low === null || one.high === null
    ? ''
    : t('deflection.interval', { low: figure(one.low), high: figure(one.high) })
