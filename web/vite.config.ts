import { fileURLToPath, URL } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

// Each surface is a build of its own (`--mode desk`): what one of them grows by, no other has to carry.
export default defineConfig(({ mode: surface }) => ({
  plugins: [vue()],
  base: `/static/dist/${surface}/`,
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  define: {
    __VUE_OPTIONS_API__: false,
    __VUE_PROD_DEVTOOLS__: false,
    __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: false,
    __VUE_I18N_FULL_INSTALL__: false,
    __VUE_I18N_LEGACY_API__: false,
    __INTLIFY_PROD_DEVTOOLS__: false,
    __INTLIFY_DROP_MESSAGE_COMPILER__: false,
  },
  build: {
    outDir: `../desk/static/dist/${surface}`,
    emptyOutDir: true,
    manifest: true,
    target: 'es2022',
    // A data: URI would be a second way to load pictures; every asset is a file with a hash.
    assetsInlineLimit: 0,
    rollupOptions: { input: { [surface]: `src/${surface}/main.ts` } },
  },
  test: { environment: 'happy-dom', include: ['src/**/*.test.ts'] },
}))
