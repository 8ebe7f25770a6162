// Articles as the API shows them.

export type ArticleState = 'draft' | 'published' | 'archived'

export interface Collection {
  id: number
  slug: string
  title: string
  description: string
}

export interface Flag {
  id: number
  note: string
  at: string
  by: string | null
  case_id: number | null
}

export interface ArticleRow {
  id: number
  collection_id: number
  slug: string
  title: string
  language: string
  state: ArticleState
  audience: 'public' | 'internal'
  owner_id: number | null
  review_on: string | null
  review_asked_at: string | null
  publish_at: string | null
  retire_at: string | null
  version: number
  revision: number
  changed: boolean
  changed_at: string
  helpful: number
  unhelpful: number
}

export interface Article extends ArticleRow {
  body: string
  url: string
  uses: {
    cases: number
    solved: number
    latest: { case_id: number; subject: string; kind: 'link' | 'text' | 'source'; at: string }[]
  }
  flags: Flag[]
  original_id: number | null
  variants: { id: number; title: string; language: string; state: ArticleState }[]
  comments: { text: string; helpful: boolean; reason: string | null; at: string }[]
}

export interface Revision {
  number: number
  title: string
  body: string
  at: string
  author: string | null
  shown: boolean
}

/** What somebody types in an article. */
export interface Words {
  title: string
  body: string
  collection_id: number
  language: string
}

export const wordsOf = ({ title, body, collection_id, language }: Words): Words => ({
  title,
  body,
  collection_id,
  language,
})

/** An article that waits for somebody; which of the fields are there depends on the list. */
export interface UpkeepArticle {
  id: number
  title: string
  language: string
  audience: 'public' | 'internal'
  at: string
  by?: string | null
  flag_id?: number
  note?: string
  review_on?: string | null
  helpful?: number
  votes?: number
}
/** `contacted_…` and `spared_points` are shares of 1; null where there is nobody to compare. */
export interface Spared {
  shown: number
  withheld: number
  opened: number
  solved: number
  contacted_shown: number | null
  contacted_withheld: number | null
  spared_points: number | null
  low: number | null
  high: number | null
  verdict: 'proven' | 'not_proven' | 'harmful' | 'too_few'
}
export interface Deflection {
  days: number
  percent: number
  fewest: number
  running: number
  all: Spared
  articles: (Spared & { article_id: number; title: string })[]
}
export interface UpkeepSearch {
  words: string
  times: number
  at: string
  found?: number
}
/** Two articles that say of one thing what cannot both be true; the values are empty where one denies it. */
export interface Contradiction {
  id: number
  language: string
  audience: 'public' | 'internal'
  article_id: number
  title: string
  said: string
  value: string
  other_id: number
  other_title: string
  other_said: string
  other_value: string
}
export interface Upkeep {
  days: number
  searches: { all: number; in_vain: number; unopened: number }
  flagged: UpkeepArticle[]
  review: UpkeepArticle[]
  stale: UpkeepArticle[]
  unhelpful: UpkeepArticle[]
  contradicting: Contradiction[]
  unfound: UpkeepArticle[]
  in_vain: UpkeepSearch[]
  unopened: UpkeepSearch[]
}
