import { endWithParent } from './child.ts'

// Loaded into a program that is not ours, before it.
endWithParent()
