// How shares and their differences are written: of a hundred, with the interval.
import { number } from './format'
import { t } from './i18n'

const figure = (share: number): string => number(Math.round(1000 * share) / 10)

export const percent = (share: number | null): string =>
  share === null ? t('shares.none') : `${figure(share)} %`

/** Where a tenth of a hundredth would say more than is known. */
export const wholePercent = (share: number): string => `${number(Math.round(100 * share))} %`

/** What was spared of a hundred; a minus where more came. */
export const points = (share: number | null): string => (share === null ? t('shares.none') : figure(share))

export const interval = (one: { low: number | null; high: number | null }): string =>
  one.low === null || one.high === null
    ? ''
    : t('shares.interval', { low: figure(one.low), high: figure(one.high) })
