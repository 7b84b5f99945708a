/** The settings, read and checked once at start. */
package io.hipchatalerts.config;
