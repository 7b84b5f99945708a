/** The path of one alert. */
package io.hipchatalerts;
