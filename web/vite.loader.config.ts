import { defineConfig } from 'vite'

// The one file that other people's pages load: no imports, a fixed name, and syntax that older browsers know.
export default defineConfig({
  build: {
    outDir: '../desk/static/widget',
    emptyOutDir: true,
    target: 'es2020',
    copyPublicDir: false,
    lib: {
      entry: 'src/widget/loader.ts',
      formats: ['iife'],
      name: 'DeskWidget',
      fileName: () => 'loader.js',
    },
  },
})
