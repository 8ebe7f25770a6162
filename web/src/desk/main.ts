// The desk for agents and managers.
import '@fontsource-variable/inter/wght.css'
import '@/styles/tokens.css'
import '@/styles/base.css'
import { createPinia } from 'pinia'
import { createApp } from 'vue'
import { i18n } from '@/lib/i18n'
import { defineCommands, onKeydown } from '@/lib/keys'
import App from './App.vue'
import { COMMANDS } from './commands'
import { router } from './router'

defineCommands(COMMANDS)
addEventListener('keydown', onKeydown)
createApp(App).use(createPinia()).use(i18n).use(router).mount('#app')
