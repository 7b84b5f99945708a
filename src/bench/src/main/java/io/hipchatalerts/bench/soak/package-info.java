/** The soak: counts changes that are lost, repeated or late while everything around the program fails. */
package io.hipchatalerts.bench.soak;
