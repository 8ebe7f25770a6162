import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { effectScope } from 'vue'
import { available, defineCommands, onKeydown, pressName, singleKeys, typeAhead, useCommands } from './keys'

defineCommands([
  { id: 'reply', group: 'case', keys: ['r'] },
  { id: 'go_mine', group: 'go', keys: ['g i'] },
  { id: 'palette', group: 'go', keys: ['Mod+k'], inFields: true },
  { id: 'select_all', group: 'list', keys: ['Mod+a'] },
  { id: 'leave', group: 'edit', keys: ['Escape'], inFields: true },
])

function press(key: string, on: Element = document.body, more: KeyboardEventInit = {}): KeyboardEvent {
  const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more })
  on.addEventListener('keydown', (e) => onKeydown(e as KeyboardEvent), { once: true })
  on.dispatchEvent(event)
  return event
}

describe('the keys', () => {
  const deed = vi.fn()
  let scope = effectScope()
  const bind = (...ids: string[]) => {
    scope = effectScope()
    scope.run(() => useCommands(Object.fromEntries(ids.map((id) => [id, deed]))))
  }
  beforeEach(() => {
    deed.mockClear()
    document.body.innerHTML = '<input><div role="dialog"><button></button></div>'
    singleKeys.on = true
    Object.assign(typeAhead, { on: false, text: '', enter: false })
  })
  afterEach(() => scope.stop())

  it('run a command', () => {
    bind('reply')
    expect(press('r').defaultPrevented).toBe(true)
    expect(deed).toHaveBeenCalledOnce()
  })

  it('do nothing once the component is gone', () => {
    bind('reply')
    scope.stop()
    press('r')
    expect(deed).not.toHaveBeenCalled()
    expect(available('reply')).toBe(false)
  })

  it('leave single letters to fields and dialogs', () => {
    bind('reply')
    press('r', document.querySelector('input')!)
    press('r', document.querySelector('[role=dialog] button')!)
    expect(deed).not.toHaveBeenCalled()
  })

  it('can have their single letters switched off', () => {
    bind('reply', 'palette')
    singleKeys.on = false
    press('r')
    expect(deed).not.toHaveBeenCalled()
    press('k', document.body, { ctrlKey: true })
    expect(deed).toHaveBeenCalledOnce()
  })

  it('open the palette from a field, and leave Ctrl A there to the text', () => {
    bind('palette', 'select_all')
    const field = document.querySelector('input')!
    expect(press('a', field, { ctrlKey: true }).defaultPrevented).toBe(false)
    press('k', field, { ctrlKey: true })
    expect(deed).toHaveBeenCalledOnce()
  })

  it('leave Escape in a dialog to the dialog', () => {
    bind('leave')
    press('Escape', document.querySelector('[role=dialog] button')!)
    expect(deed).not.toHaveBeenCalled()
    press('Escape')
    expect(deed).toHaveBeenCalledOnce()
  })

  it('lead out of a field by Escape, before anything else is left', () => {
    bind('leave')
    const field = document.querySelector('input')!
    field.focus()
    press('Escape', field)
    expect(document.activeElement).toBe(document.body)
    expect(deed).not.toHaveBeenCalled()
  })

  it('follow one another in a chord', () => {
    bind('go_mine')
    press('g')
    press('i')
    expect(deed).toHaveBeenCalledOnce()
    press('i')
    expect(deed).toHaveBeenCalledOnce()
  })

  it('ignore composing and Alt', () => {
    bind('reply')
    press('r', document.body, { isComposing: true })
    press('r', document.body, { altKey: true })
    expect(deed).not.toHaveBeenCalled()
  })

  it('keep letters for a layer that is still loading', () => {
    bind('reply')
    typeAhead.on = true
    press('r')
    press('Enter')
    expect(typeAhead).toMatchObject({ text: 'r', enter: true })
    expect(deed).not.toHaveBeenCalled()
  })

  it('name a press as the registry does', () => {
    const name = (init: KeyboardEventInit & { key: string }) => pressName(new KeyboardEvent('keydown', init))
    expect(name({ key: 'J', shiftKey: true })).toBe('Shift+j')
    expect(name({ key: '?', shiftKey: true })).toBe('?')
    expect(name({ key: 'Enter', ctrlKey: true, shiftKey: true })).toBe('Mod+Shift+Enter')
    expect(name({ key: 'k', metaKey: true })).toBe('Mod+k')
  })

  it('refuse a deed for an unknown command', () => {
    expect(() => useCommands({ nonsense: deed })).toThrow('No command is called nonsense.')
  })
})
