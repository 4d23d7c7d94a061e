import js from '@eslint/js';
import globals from 'globals';

export default [
  { ignores: ['**/vendor/**', '.venv/**', 'demo/**', 'docs/**', 'build/**', 'dist/**'] },
  js.configs.recommended,
  {
    files: ['dji_audit/mapper/assets/js/**/*.js'],
    languageOptions: { globals: { ...globals.browser, L: 'readonly' } },
    rules: {
      'no-var': 'error',
      'prefer-const': ['error', { destructuring: 'all' }],
      eqeqeq: 'error',
      'no-implied-eval': 'error',
      'no-shadow': 'error',
      // A value that is not equal to itself is NaN.
      'no-self-compare': 'off',
    },
  },
  { files: ['tests/js/*.js'], languageOptions: { globals: globals.node } },
];
