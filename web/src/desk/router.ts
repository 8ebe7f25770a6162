// Where everything is. The workspace comes with the first load; every other page loads when it is asked for.
import { createRouter, createWebHistory, type RouteRecordRaw } from 'vue-router'
import { addTexts, t } from '@/lib/i18n'
import Workspace from './pages/Workspace.vue'
import { useToasts } from './stores/toasts'

/** A page with texts of its own. */
const page =
  <P>(load: () => Promise<P>) =>
  async (): Promise<P> => {
    const [component, texts] = await Promise.all([load(), import('@/locales/en.pages.json')])
    addTexts(texts.default)
    return component
  }

const routes: RouteRecordRaw[] = [
  { path: '/desk', redirect: '/desk/mine' },
  { path: '/desk/:view(mine|unassigned|mentions|snoozed|all)/:case(\\d+)?', component: Workspace },
  { path: '/desk/queue/:queue(\\d+)/:case(\\d+)?', component: Workspace },
  { path: '/desk/saved/:saved(\\d+)/:case(\\d+)?', component: Workspace },
  { path: '/desk/cases/:case(\\d+)', component: Workspace },
  { path: '/desk/search', component: page(() => import('./pages/Search.vue')) },
  { path: '/desk/customers/:id(\\d+)', component: page(() => import('./pages/CustomerPage.vue')) },
  { path: '/desk/new', component: page(() => import('./pages/NewCase.vue')) },
  { path: '/desk/quarantine', component: page(() => import('./pages/Quarantine.vue')) },
  { path: '/desk/preferences', component: page(() => import('./pages/Preferences.vue')) },
  { path: '/desk/value', component: page(() => import('./pages/ValuePage.vue')) },
  { path: '/desk/promises', component: page(() => import('./pages/Promises.vue')) },
  {
    path: '/desk/scorecard/:metric([a-z_]+)?',
    component: () => import('./pages/insights/ScorecardPage.vue'),
  },
  { path: '/desk/metrics', component: () => import('./pages/insights/MetricsPage.vue') },
  { path: '/desk/floor', component: page(() => import('./pages/Floor.vue')) },
  { path: '/desk/articles/:section(upkeep)', component: () => import('./pages/articles/ArticlesPage.vue') },
  { path: '/desk/articles/:id(\\d+)?', component: () => import('./pages/articles/ArticlesPage.vue') },
  { path: '/desk/routing/:version(\\d+)?', component: () => import('./pages/routing/RoutingPage.vue') },
  { path: '/desk/staffing', component: () => import('./pages/routing/StaffingPage.vue') },
  { path: '/desk/proposals/:id(\\d+)?', component: () => import('./pages/insights/ProposalsPage.vue') },
  { path: '/desk/proactive/:id(\\d+)?', component: () => import('./pages/insights/ProactivePage.vue') },
  {
    path: '/desk/coaching/calibration/:id(\\d+)?',
    component: () => import('./pages/coaching/CalibrationPage.vue'),
  },
  { path: '/desk/coaching/:id(\\d+)?', component: () => import('./pages/coaching/CoachingPage.vue') },
  { path: '/desk/diary/:id(\\d+)?', component: () => import('./pages/diary/DiaryPage.vue') },
  { path: '/desk/correlations', component: () => import('./pages/insights/CorrelationsPage.vue') },
  { path: '/desk/explore', component: () => import('./pages/insights/ExplorePage.vue') },
  { path: '/desk/questions', component: () => import('./pages/insights/QuestionsPage.vue') },
  { path: '/desk/audit', component: page(() => import('./pages/AuditLog.vue')) },
  { path: '/desk/setup/:section?', component: page(() => import('./pages/setup/SetupPage.vue')) },
  { path: '/desk/:rest(.*)*', component: () => import('./pages/NotFound.vue') },
]

export const router = createRouter({ history: createWebHistory(), routes })

// A page that cannot be fetched leaves one where one is, and says so.
router.onError(() => useToasts().complain(t('error.layer')))
