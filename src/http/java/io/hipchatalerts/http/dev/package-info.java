/**
 * A HipChat stand-in for dev mode and tests, with a live page of its rooms. The build removes this package before it
 * packages the program.
 */
package io.hipchatalerts.http.dev;
