import { identifiers } from './identifiers.ts'
import { testGuard } from './fixtures/guard-table.ts'

testGuard(identifiers, {
  apart: [
    ['what does --max-cost do', 'what does --max-heads do'],
    ['upgrade to 1.2.3', 'upgrade to 1.2.4'],
    ['mail to jo@example.com', 'mail to joe@example.com'],
    ['read /etc/hosts', 'read /etc/passwd'],
    ['revert 4f2a91c', 'revert 9be03d1'],
    ['set max_tokens', 'set max_length'],
    ['order #8812', 'order #8821'],
    ['the useEffect hook', 'the useMemo hook'],
    ['tar -x', 'tar -c'],
    ['what is the flag', 'what is the flag --dry-run'],
  ],
  alike: [
    ['Mail JO@example.com', 'mail jo@Example.com'],
    ['Node.js streams', 'nodejs streams'],
    ['v1.2.3', '1.2.3'],
    ['What\'s in package.json?', 'what is in package.json'],
    ['GPT-4', 'gpt 4'],
    ['JavaScript arrays', 'javascript arrays'],
    ['upload a video to YouTube', 'upload a video to you tube'],
    ['Pay with PayPal', 'pay with paypal'],
  ],
})
