/** Kapacitor's own configuration and topic handler files, read as Kapacitor reads them. */
package io.hipchatalerts.kapacitor;
