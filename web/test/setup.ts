/** What every test file starts with: an IndexedDB in memory. */
import "fake-indexeddb/auto";
