// The help centre works without this: it only suggests while somebody types.
import './help.css'
import { DeskSearch } from './search'
import { DeskSuggestions } from './suggestions'

customElements.define('desk-search', DeskSearch)
customElements.define('desk-suggestions', DeskSuggestions)
