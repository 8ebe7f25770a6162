// What a broken promise costs, as a target keeps it; money as it is written.
import { money } from '@/lib/format'
import { t } from '@/lib/i18n'

export interface Penalty {
  clocks: string[]
  amount: string
  currency: string
  per_hour: string | null
  cap: string | null
}

/** Each part of it, for a list of words. */
export const penaltyInWords = (one: Penalty): string[] =>
  [
    t('setup.targets.told_penalty', { amount: money(one.amount, one.currency) }),
    one.per_hour && t('setup.targets.told_per_hour', { amount: money(one.per_hour, one.currency) }),
    one.cap && t('setup.targets.told_cap', { amount: money(one.cap, one.currency) }),
  ].filter((words): words is string => !!words)
